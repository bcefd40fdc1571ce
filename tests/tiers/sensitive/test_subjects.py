"""What changed lines and paths must say to be about payment, identity, personal data, secrets or audit."""

import pytest

from tests.tiers.builders import evidence_of

BODY = "\n".join(f"value_{number} = compute(value_{number - 1})" for number in range(1, 30)) + "\n"

ENDPOINT = """  @Get('/all')
  @UseGuards(AuthGuard('jwt'), HasPermissionGuard)
  public all() {
    return this.items.all()
  }

  private one() {
    return this.items.one()
  }"""


def judged(path, removed, added):
    """The evidence where `removed` lines in the middle of a file became `added`."""

    def text(lines):
        return f"{BODY}{lines}\n{BODY}" if lines else BODY + BODY

    return evidence_of(path, text(removed), text(added))


TOUCHED = [
    ("src/routes.ts", "", "app.post('/login', handle)", "identity"),
    ("src/orders/web.ts", "", "router.use('/webhooks/stripe', handle)", "payment"),
    ("src/shop.controller.ts", "", "  @Post('refunds/:id')", "payment"),
    ("config/routes.rb", "", "  resources :payments, only: [:index]", "payment"),
    ("config/routes.rb", "", "  post '/login', to: 'doors#open'", "identity"),
    ("lib/shop_web/router.ex", "", '    post "/oauth/token", DoorController, :create', "identity"),
    ("src/Shop.java", "", '  @PostMapping("/api/payments")', "payment"),
    ("src/Shop.java", "", '  @RequestMapping(path = "/api/payments", method = POST)', "payment"),
    ("src/Shop.cs", "", '    [HttpPost("invoices/{id}")]', "payment"),
    ("src/Shop.cs", "", 'app.MapPost("/checkout", Handle);', "payment"),
    ("shop/web.py", "", "@app.post('/webhooks/paypal')", "payment"),
    ("shop/urls.py", "", "    path('password/', views.change),", "identity"),
    ("routes/web.php", "", "Route::post('/checkout', [ShopController::class, 'store']);", "payment"),
    ("src/Shop.php", "", "    #[Route('/gdpr/export')]", "personal data"),
    ("cmd/main.go", "", 'mux.HandleFunc("/password/reset", handle)', "identity"),
    ("src/main.rs", "", '    .route("/login", post(handle))', "identity"),
    ("cmd/main.go", "", 'mux.HandleFunc("POST /login", handle)', "identity"),
    ("shop/orders.py", "", "charge = stripe.Charge.create(amount=total)", "payment"),
    ("shop/orders.py", "import requests", "import requests\nimport stripe", "payment"),
    ("src/checkout_flow/Total.java", "", "import com.stripe.model.Charge;", "payment"),
    ("src/shop/total.ts", "", "import { loadStripe } from '@stripe/stripe-js'", "payment"),
    ("app/services/orders/close.rb", "", "Refunds::CreateService.call(order)", "payment"),
    ("app/services/orders/close.rb", "order.total", "order.total - order.applied_discount", "payment"),
    ("app/models/organization.rb", "", "has_many :invoices, dependent: :destroy", "payment"),
    ("lib/shop/orders.ex", "", "Stripe.PaymentIntent.create(params)", "payment"),
    ("src/orders.go", "", "intent, err := paymentintent.New(params)", "payment"),
    ("src/orders.go", "", "if err := provider.IssueRefund(ctx, order.ID); err != nil {", "payment"),
    ("src/Orders.cs", "", "var maskedNumber = request.CardNumber.Substring(12);", "payment"),
    ("src/Orders.php", "", "$gateway->capturePayment($order);", "payment"),
    ("src/orders.rs", "", "let payout = provider.create_payout(amount)?;", "payment"),
    ("web/api/hooks.py", "", "stripe.Webhook.construct_event(payload, header, key)", "payment"),
    ("src/orders.kt", "", "val iban = form.iban", "payment"),
    ("app/api/total.py", "rate = 0.19", "tax_rate = 0.19", "payment"),
    (
        "shop/views.py",
        "permission_classes = (IsAuthenticated,)",
        "permission_classes = (IsAdminUser,)",
        "identity",
    ),
    ("shop/views.py", "def show(request):", "@login_required\ndef show(request):", "identity"),
    ("app/controllers/posts_controller.rb", "", "before_action :authenticate_user!", "identity"),
    ("app/controllers/posts_controller.rb", "before_action :authenticate_user!", "", "identity"),
    ("app/controllers/posts_controller.rb", "", "skip_before_action :verify_authenticity_token", "identity"),
    ("app/models/person.rb", "", "has_secure_password", "identity"),
    ("src/Orders.cs", "[AllowAnonymous]", '[Authorize(Roles = "Admin")]', "identity"),
    ("src/Orders.java", "", '@PreAuthorize("isFullyAuthenticated()")', "identity"),
    ("src/Web.java", "", "http.csrf().disable();", "identity"),
    ("src/Config.java", "", "SecurityFilterChain chain(HttpSecurity http) {", "identity"),
    (
        "routes/web.php",
        "Route::get('/home', Home::class);",
        "Route::get('/home', Home::class)->middleware('auth');",
        "identity",
    ),
    ("app/Http/Post.php", "", "$this->authorize('update', $post);", "identity"),
    ("src/app.ts", "", "app.use(helmet.contentSecurityPolicy(options))", "identity"),
    ("src/app.ts", "sameSite: 'lax'", "sameSite: 'none'", "identity"),
    ("src/app.ts", "", "const claims = jwt.verify(value, key)", "identity"),
    ("src/app.ts", "", "import jwt from 'jsonwebtoken'", "identity"),
    ("src/app.go", "", '\t"github.com/golang-jwt/jwt/v5"', "identity"),
    ("src/app.go", "", "hash, err := bcrypt.GenerateFromPassword(raw, 12)", "identity"),
    ("src/app.go", "bcrypt.Cost(raw, 5)", "bcrypt.Cost(raw, 12)", "identity"),
    ("src/app.rs", "", "let hash = argon2.hash_password(raw, &salt)?;", "identity"),
    ("src/app.ex", 'get "users" do\n', "with_authorized(conn, fn user ->\n", "identity"),
    ("server/routes/issue.ts", "if (owner) {", "if (req.user.hasPermission(Permission.MANAGE)) {", "identity"),
    ("shop/settings.py", "", "SESSION_COOKIE_SECURE = True", "identity"),
    ("shop/settings.py", "", "AUTHENTICATION_BACKENDS = BACKENDS", "identity"),
    ("shop/settings.py", "CORS_ALLOWED = []", "CORS_ALLOWED = ['*']", "identity"),
    ("config/application.yml", "", "oauth2: enabled", "identity"),
    ("config/application.properties", "", "spring.security.oauth2.client.registration=x", "identity"),
    ("api/user_service.go", "if user.Name != name {", "if user.Name != name && user.Role != host {", "identity"),
    ("src/people.ts", "", "totp.verify({ code })", "identity"),
    ("src/people.py", "", "webauthn.verify_registration_response(value)", "identity"),
    ("src/people.py", "", "dateOfBirth = form.get('x')", "personal data"),
    ("src/people.py", "", "person.ssn = value", "personal data"),
    ("src/people.py", "", "person.anonymize()", "personal data"),
    ("src/people.java", "", "gdprEraser.eraseAll(person);", "personal data"),
    ("src/people.rb", "", "person.passport_number = nil", "personal data"),
    ("src/store.py", "", "box = Fernet(key).encrypt(data)", "secrets"),
    ("src/store.py", "", "import hmac", "secrets"),
    ("src/store.go", "", '\t"crypto/hmac"', "secrets"),
    ("src/store.go", "", "cfg := &tls.Config{InsecureSkipVerify: true}", "secrets"),
    ("src/store.ts", "", "const mac = crypto.createHmac('sha256', key)", "secrets"),
    ("src/store.ts", "", "rejectUnauthorized: false,", "secrets"),
    ("src/store.py", "", "response = requests.get(url, verify=False)", "secrets"),
    ("src/store.java", "", "Cipher aes = Cipher.getInstance(name);", "secrets"),
    ("src/store.cs", "", "using System.Security.Cryptography;", "secrets"),
    ("app/models/key.rb", "", "encrypts :value", "secrets"),
    ("config/app.php", "'key' => env('APP_KEY', 'a'),", "'key' => env('APP_KEY', 'b'),", "secrets"),
    ("config/prod.exs", "", "secret_key_base: value,", "secrets"),
    (".env.example", "", "STRIPE_SECRET_KEY=", "payment"),
    ("lib/web/post.ex", "", "AuditLog.create(user, post)", "audit"),
    ("app/models/plan.rb", "", "has_paper_trail", "audit"),
    ("src/jobs/close.rb", "", "Utils::SecurityLog.produce(organization)", "audit"),
    ("src/people/check.go", "", "result := fraudCheck(person)", "compliance"),
    ("src/people/check.go", "", "kycProvider.Verify(person)", "compliance"),
]


@pytest.mark.parametrize(("path", "removed", "added", "subject"), TOUCHED)
def test_changed_lines_about_a_sensitive_subject_ask_for_full(path, removed, added, subject):
    found = judged(path, removed, added)
    assert (str(found.tier), found.rule) == ("full", "sensitive")
    assert f"touches {subject} (" in found.reason or f"Concerns {subject}." in found.reason


FRIENDS = [
    ("src/shop.ts", "", "const shown = await api.get('/payments')"),
    ("src/routes.ts", "", "app.get('/posts', list)"),
    ("config/routes.rb", "", "  resources :authors"),
    ("shop/urls.py", "", "    path('posts/<int:id>/', views.post),"),
    ("src/pages/Menu.tsx", "", '  <Link to="/checkout">Cart</Link>'),
    ("app/models/post.rb", "", "posts = current_user.posts"),
    ("app/models/post.rb", "", "# the password is checked elsewhere, see the payment service"),
    ("src/app.py", "", '"""Pays a refund when the login of a user failed."""'),
    ("src/app.py", "", "log.info('The payment of this user was refunded')"),
    ("src/app.py", "render(a)", "render(_('Sign in with your password'))"),
    ("src/app.ts", "", "const label = t('login.password')"),
    ("src/app.ts", "", "const id = crypto.randomUUID()"),
    ("src/app.ts", "", "const author = book.author"),
    ("src/app.py", "", "authority = url.authority"),
    ("src/parser.py", "", "token = lexer.next_token()"),
    ("src/parser.rs", "", "let token = tokens.peek();"),
    ("src/parser.go", "", "hash := hashMap[key]"),
    ("src/app.py", "", "sign = -1 if value < 0 else 1"),
    ("src/db.py", "", "session = async_session()"),
    ("src/db.py", "", "session.add(item)"),
    ("src/db.py", "", "rows = query.order_by('name')"),
    ("src/db.sql.py", "", "rows = run('SELECT id FROM items ORDER BY id')"),
    ("src/Files.java", "", "file.setFilePermissions(path);"),
    ("src/files.go", "", "os.Chmod(path, 0o644)"),
    ("src/phone.kt", "", "val level = batteryCharge(phone)"),
    ("src/phone.kt", "", "val stripes = stripedTable()"),
    ("src/Jobs.cs", "", "await Run(cancellationToken);"),
    ("src/page.go", "", "return nextPageToken"),
    ("src/page.go", "", "req.PageToken = value"),
    ("src/llm.py", "", "max_tokens = 500"),
    ("src/llm.py", "", "count = tokenizer.token_count(text)"),
    ("src/style.ts", "", "const space = designTokens.space"),
    ("src/git.py", "", "run('git checkout main')"),
    ("src/git.rs", "", "let name = user.gh_login;"),
    ("src/git.py", "", "commit_hash = head()"),
    ("src/table.ts", "", "const primaryKey = 'id'"),
    ("src/table.py", "", "cache_key = str(item)"),
    ("src/maths.hs", "", "m = identityMatrix 3"),
    ("src/maths.py", "", "sha = hashlib.sha256(data)"),
    ("src/money.py", "", "# charge later"),
    ("src/course.py", "", "course_certificate = render(course)"),
    ("src/licence.py", "", "license = read('LICENSE')"),
    ("src/santa.py", "", "secretary = person.secretary"),
    ("src/audit.go.tmpl.go", "", "// npm audit fix"),
    ("src/tools.py", "", "run(['npm audit'])"),
    ("src/mail.py", "", "send('security@example.com')"),
    ("src/links.ts", "", "const url = 'https://pay.example.com/login/oauth/authorize'"),
    ("src/feed.go", "", "feed := activityPub.Feed(id)"),
    ("src/query.py", "", "statement = session.query(Item)"),
    ("src/editor.ts", "", "const help = signatureHelp(position)"),
    ("src/orders.go", "", "sortOrder := params.SortOrder"),
    ("src/ui.go", "", "border := 2"),
    ("src/net.go", "", "macAddress := device.MacAddress"),
    ("src/net.go", "", "agent := request.UserAgent()"),
    ("src/pg.py", "", "dsn = f'{dsn} sslmode=require'"),
    ("src/erl.ex", "", "otp_app: :shop"),
    ("src/list.py", "limit = 10", "limit = 20"),
    ("src/list.ts", "export const a = 1", "export const a = 2"),
    ("src/list.java", "private int a = 1;", "private int a = 2;"),
    ("app/models/list.rb", "user.name", "user.full_name"),
    ("app/controllers/list.rb", "payment.date.format(1)", "payment.date.format(2)"),
    ("server/routes/index.ts", "", "router.use('/rules', isAuthenticated(Permission.ADMIN), ruleRoutes)"),
    (
        "src/list.controller.ts",
        "",
        ENDPOINT,
    ),
    ("src/Post.php", "", "$name = auth()->user()->name;"),
    ("src/posts.php", "", "use Illuminate\\Contracts\\Auth\\Authenticatable;"),
]


@pytest.mark.parametrize(("path", "removed", "added"), FRIENDS)
def test_what_only_looks_alike_is_plain_code(path, removed, added):
    found = judged(path, removed, added)
    assert str(found.tier) in {"none", "lightweight", "frontend"}, found.reason


PATHS = [
    "src/auth/session.go",
    "src/middleware/auth.ts",
    "app/controllers/sessions_controller.rb",
    "app/policies/post_policy.rb",
    "app/Policies/PostPolicy.php",
    "src/payments/total.py",
    "src/PaymentService.java",
    "lib/billing.ex",
    "app/models/ability.rb",
    "src/security/Config.java",
    "server/lib/oauth2.js",
    "app/services/invoices/finalize.rb",
    "src/Identity.API/UsersSeed.cs",
    "internal/credentials/store.go",
    "config/initializers/devise.rb",
    "src/users/password_reset.py",
    "src/login.rs",
    "src/gdpr/eraser.kt",
    "src/audit_log.ex",
    "lib/encryption.rb",
    "src/vault/client.go",
    "config/packages/security.yaml",
    "config/secrets.yml",
    "src/kyc/check.ts",
    "src/app/auth.guard.ts",
    "src/two_factor.py",
    "certs/server.pem",
    "src/permissions.py",
    "lib/webauthn.ex",
    "src/checkout/total.ts",
    "src/compliance/report.py",
    "keycloak/shop-realm.json",
    "firestore.rules",
    "src/stripe.ts",
    "src/api_keys/model.rb",
]


@pytest.mark.parametrize("path", PATHS)
def test_code_at_a_sensitive_path_asks_for_full_whatever_changes_in_it(path):
    assert str(evidence_of(path, "limit = 1\n", "limit = 2\n").tier) == "full"


@pytest.mark.parametrize(
    "path",
    [
        "src/author.py",
        "src/authors/list.go",
        "src/secretary.py",
        "src/tokenizer.py",
        "src/orders.py",
        "src/hash_map.go",
        "src/identity_map.rb",
        "src/license.go",
        "src/activitypub/feed.go",
        "src/design_tokens.ts",
        "src/primary_key.py",
        "src/border.ts",
        "src/striped.py",
        "src/users/avatar.py",
        "src/session_factory.py",
        "k8s/payment.yaml",
        "charts/auth/values.yaml",
        "src/payment/Dockerfile",
        "auth/package.json.txt",
    ],
)
def test_paths_that_only_look_alike_say_nothing(path):
    assert str(evidence_of(path, "limit: 1\n", "limit: 2\n").tier) == "lightweight"


def test_a_path_that_says_half_and_words_that_say_half_are_enough_together():
    old, new = "name = 1\n", "username = verified = role = 1\n"
    assert str(evidence_of("src/users/person.py", old, new).tier) == "full"
    assert str(evidence_of("src/shop/person.py", old, new).tier) == "lightweight"


@pytest.mark.parametrize(
    ("path", "old", "new", "tier"),
    [
        ("src/Login.vue", "<p>Sign in here</p>\n", "<p>Log in here</p>\n", "lightweight"),
        ("src/Login.vue", '<div class="a">\n', '<div class="b c">\n', "lightweight"),
        ("src/Login.tsx", "const a = 1\n", "const ok = await signIn(password)\n", "full"),
        ("src/pages/Home.tsx", "const a = 1\n", "const user = useAuth()\n", "frontend"),
        ("src/pages/Home.tsx", "const a = 1\n", "{user.isAdmin && <Menu />}\n", "frontend"),
        ("src/components/BillingForm.tsx", "const a = 1\n", "await pay(payment.amount)\n", "full"),
        ("client/auth-state.ts", "let a = 1\n", "let a = read()\n", "full"),
        ("client/shop.ts", "let a = 1\n", "let a = loadStripe(stripeKey)\n", "full"),
    ],
)
def test_interfaces_must_do_something_sensitive_not_only_show_it(path, old, new, tier):
    assert str(evidence_of(path, old, new).tier) == tier


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("src/auth/login.rb", 'flash = "It is not posible"\n', 'flash = "It is not possible"\n'),
        ("src/payment/a.py", "log('Payment faild here')\n", "log('Payment failed here')\n"),
    ],
)
def test_a_typo_in_what_people_read_is_none_of_it(path, old, new):
    assert str(evidence_of(path, old, new).tier) == "lightweight"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("run('SELECT id FROM a WHERE b')\n", "run('SELECT id FROM a WHERE c')\n"),
        ("find(' name = ? AND active = 1 ')\n", "find(' name LIKE ? AND active = 1 ')\n"),
    ],
)
def test_sql_in_quotes_is_no_prose(old, new):
    assert str(evidence_of("src/payment/a.py", old, new).tier) == "full"


@pytest.mark.parametrize(
    "path",
    ["docs/payment.md", "test/auth_test.go", "auth/login.svg", "locale/de/payment.json", "src/payment/form.css"],
)
def test_documents_tests_icons_and_translations_about_payment_are_kept_out(path):
    assert str(evidence_of(path, "stripe.charge = 1\n", "stripe.charge = 2\n").tier) in {"none", "lightweight"}


def test_a_new_endpoint_is_guarded_like_all_others_and_that_is_not_its_subject():
    new = "class View(GenericAPIView):\n    permission_classes = (IsAuthenticated,)\n" + BODY
    assert str(evidence_of("shop/views.py", None, new).tier) == "lightweight"


def test_the_reason_names_line_subject_and_word():
    found = judged("shop/orders.py", "", "charge = stripe.Charge.create(amount=total)")
    assert found.reason == "Line 30 touches payment (`stripe.Charge.create`)."


def test_a_removed_line_is_said_to_be_removed():
    found = judged("shop/orders.py", "charge = stripe.Charge.create(amount=total)", "")
    assert found.reason == "Removed line 30 touches payment (`stripe.Charge.create`)."
