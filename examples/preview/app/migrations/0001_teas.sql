create table teas (
  name        text primary key,
  price_cents integer not null check (price_cents > 0)
);

insert into teas (name, price_cents) values
  ('Assam', 690),
  ('Darjeeling First Flush', 1290),
  ('Sencha', 890);
