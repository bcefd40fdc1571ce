const language = navigator.language.slice(0, 2);

const ask = async (path) => (await fetch(path)).json();

const show = async () => {
  const [texts, teas] = await Promise.all([ask(`/api/texts?lang=${language}`), ask("/api/teas")]);
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = texts[element.dataset.text];
  }
  const list = document.querySelector("#teas");
  for (const { name, price_cents: cents } of teas) {
    const item = document.createElement("li");
    const price = document.createElement("span");
    item.textContent = name;
    price.textContent = (cents / 100).toFixed(2);
    item.append(price);
    list.append(item);
  }
};

show();
