"""The attacks, in the order of the lab. Pages, browser tests and HTTP tests all read this table: no page promises more."""

from django.utils.translation import gettext_lazy as _

from demo_site.attacks.attack import Attack
from demo_site.attacks.scripts import codes, framing, front_channel, tokens

_TOKEN_CHECKS = "codeflow/relying_party/flow/step7_id_token.py"
_TOKEN_TESTS = "tests/relying_party/test_refusals.py"
_CALLBACK = "codeflow/relying_party/flow/step4_authorization_response.py"
_TOKEN_ENDPOINT = "codeflow/provider/flow/step6_token_response.py"

ATTACKS: tuple[Attack, ...] = (
    Attack(
        slug="state",
        title=_("Tamper with state"),
        story=_(
            "You can change the address in somebody's browser on its way back to the client. Change one letter of state."
        ),
        refuser="client",
        check="state",
        errors=(("client", "callback.state"), ("client", "callback.state")),
        why=_(
            "The client made state for this browser and this attempt. An answer to a question nobody asked is not read any further: its code is never sent."
        ),
        twin_why=_("The twin sends no state, so it cannot miss any."),
        spec="RFC 6749 10.12",
        code=_CALLBACK,
        test=_TOKEN_TESTS,
        run=front_channel.tamper_with_state,
    ),
    Attack(
        slug="login-csrf",
        title=_("Sign somebody in as yourself"),
        story=_(
            "You sign in as bob, stop before the client hears of it, and get alice to open your callback address. She would write her notes into your account."
        ),
        refuser="client",
        check=_("state belongs to this browser"),
        errors=(("client", "callback.state"),),
        why=_(
            "Each attempt lives in a cookie of the browser that began it. alice's browser has none for bob's attempt."
        ),
        twin_why=_("The twin takes any code from any browser: alice is now signed in as bob."),
        spec="RFC 9700 4.7",
        code="codeflow/relying_party/attempts.py",
        test="tests/relying_party/test_attempts.py",
        run=front_channel.log_somebody_in,
    ),
    Attack(
        slug="replay",
        title=_("Replay the code"),
        story=_(
            "You found a callback address in a proxy's log. It holds a code that has been used. Use it again, and suppose you even know the client's secret and verifier."
        ),
        refuser="server",
        check=_("a code works once"),
        errors=(("server", "invalid_grant"), ("api", "invalid_token")),
        why=_(
            "A code works once. That it came twice means that somebody has stolen it, so the tokens of the first use are revoked as well."
        ),
        twin_why=_("The twin's codes are never spent, and nothing is revoked."),
        spec="RFC 6749 4.1.2",
        code=_TOKEN_ENDPOINT,
        test="tests/provider/test_attacks.py",
        run=codes.replay,
    ),
    Attack(
        slug="no-verifier",
        title=_("A stolen code without its verifier"),
        story=_(
            "You stole a fresh code and the client's secret. What you do not have is the verifier: only its hash has passed through the browser."
        ),
        refuser="server",
        check=_("PKCE"),
        errors=(("server", "invalid_grant"), ("server", "invalid_grant")),
        why=_(
            "The code is bound to the hash that came with the authorization request. Only who made the verifier can show it."
        ),
        twin_why=_("The twin has never heard of PKCE."),
        spec="RFC 7636 4.6",
        code=_TOKEN_ENDPOINT,
        test="tests/provider/test_attacks.py",
        run=codes.without_verifier,
    ),
    Attack(
        slug="wrong-secret",
        title=_("A stolen code with the wrong secret"),
        story=_(
            "You stole a fresh code. You try it with a guessed secret, then with the key and secret of a client of your own."
        ),
        refuser="server",
        check=_("client authentication; the code belongs to one client"),
        errors=(("server", "invalid_client"), ("server", "invalid_grant")),
        why=_("A client must prove who it is, and a code is good for the client it was made for, and for no other."),
        twin_why=_("The twin never looks at who is asking."),
        spec="RFC 6749 4.1.3",
        code="codeflow/provider/flow/step6_client_authentication.py",
        test="tests/provider/test_attacks.py",
        run=codes.with_wrong_credentials,
    ),
    Attack(
        slug="code-injection",
        title=_("Inject your code into somebody's sign-in"),
        story=_(
            "alice is about to come back to the client. You swap her code for a fresh one of yours; her state is right."
        ),
        refuser="server",
        check=_("PKCE, then nonce"),
        errors=(("client", "token.invalid_grant"),),
        why=_(
            "The client sends the verifier of alice's attempt with bob's code. Their hashes differ, so the server refuses, and the client signs nobody in."
        ),
        twin_why=_("Without PKCE and nonce nothing ties a code to the sign-in it was made for."),
        spec="RFC 9700 4.5",
        code=_TOKEN_ENDPOINT,
        test="tests/provider/test_attacks.py",
        run=codes.inject,
    ),
    Attack(
        slug="nonce",
        title=_("An ID token of another sign-in"),
        story=_("You took over the server, and answer with an ID token that was made for somebody else's sign-in."),
        refuser="client",
        check="nonce",
        errors=(("client", "id_token.nonce"), ("client", "id_token.nonce")),
        why=_("The client made nonce for this attempt and expects it, unchanged, inside the ID token."),
        twin_why=_("The twin sends no nonce and reads whatever comes."),
        spec="OIDC Core 3.1.3.7 (11)",
        code=_TOKEN_CHECKS,
        test=_TOKEN_TESTS,
        run=tokens.nonce,
    ),
    Attack(
        slug="signature",
        title=_("Forge the ID token"),
        story=_(
            "Change one letter; say that no signature is needed; sign with the public key as if it were a password; sign with a key of your own."
        ),
        refuser="client",
        check=_("signature, and the list of allowed algorithms"),
        errors=(
            ("client", "id_token.signature"),
            ("client", "id_token.alg"),
            ("client", "id_token.alg"),
            ("client", "id_token.signature"),
        ),
        why=_(
            "The client accepts the algorithms it chose itself, and keys that the server has published. What the token says of itself does not count."
        ),
        twin_why=_("The twin decodes the token and calls that verified."),
        spec="RFC 8725 3.1",
        code=_TOKEN_CHECKS,
        test=_TOKEN_TESTS,
        run=tokens.signature,
    ),
    Attack(
        slug="claims",
        title=_("An ID token for somebody else, or for another time"),
        story=_(
            "The signature is right. But the token was made for another client, by another issuer, an hour too early, or an hour too late."
        ),
        refuser="client",
        check=_("aud, iss, exp, iat"),
        errors=(
            ("client", "id_token.aud"),
            ("client", "id_token.iss"),
            ("client", "id_token.exp"),
            ("client", "id_token.iat"),
        ),
        why=_(
            "A token is good for one audience, from one issuer, for a few minutes. A minute of difference between two clocks is forgiven, an hour is not."
        ),
        twin_why=_("The twin reads the name and stops there."),
        spec="OIDC Core 3.1.3.7",
        code=_TOKEN_CHECKS,
        test=_TOKEN_TESTS,
        run=tokens.claims,
    ),
    Attack(
        slug="redirect-uri",
        title=_("Have the code sent elsewhere"),
        story=_(
            "You send alice an authorization request of the real client, with a redirect_uri that is yours, or nearly the right one."
        ),
        refuser="server",
        check=_("redirect_uri, exactly as registered"),
        errors=(*((("server", "redirect_uri_mismatch"),) * 5), ("server", "repeated")),
        why=_(
            "The address is compared as a whole. Where it is wrong the server shows a page and redirects nobody: the address cannot be trusted with anything, not even an error."
        ),
        twin_why=_("The twin sends the code wherever it is asked to."),
        spec="RFC 9700 2.1",
        code="codeflow/provider/flow/step2_authorization_request.py",
        test="tests/provider/cases/redirect_uri.py",
        run=front_channel.redirect_elsewhere,
    ),
    Attack(
        slug="mix-up",
        title=_("Mix up two servers"),
        story=_(
            "The client talks to several servers, and you run one of them. You make the answer look as if yours had given it."
        ),
        refuser="client",
        check=_("iss of the answer"),
        errors=(("client", "callback.iss"),),
        why=_(
            "The answer says which server gave it. The client remembers which one it asked, and sends the code nowhere else."
        ),
        twin_why=_("The twin does not look."),
        spec="RFC 9207 2.4",
        code=_CALLBACK,
        test=_TOKEN_TESTS,
        run=front_channel.come_back_from_another_issuer,
    ),
    Attack(
        slug="scope",
        title=_("Use an access token for more"),
        story=_(
            "You have the client's own access token. Write with it, though it may only read; take it to another API; then use it after it was revoked."
        ),
        refuser="api",
        check=_("scope, audience, and whether the token still lives"),
        errors=(("api", "insufficient_scope"), ("api", "invalid_token"), ("api", "invalid_token")),
        why=_(
            "Each address of the API names the scope it needs, each API takes the tokens that are for it, and every call looks the token up."
        ),
        twin_why=_("The twin's API asks only whether the token is signed."),
        spec="RFC 6750 3.1",
        code="codeflow/provider/flow/resource_access.py",
        test="tests/provider/test_decorators.py",
        run=tokens.use_for_more,
    ),
    Attack(
        slug="refresh-reuse",
        title=_("Use a refresh token twice"),
        story=_("You copied a refresh token. The client has moved on since: it used it, and then used the next one."),
        refuser="server",
        check=_("rotation; the family dies with a replay"),
        errors=(("server", "invalid_grant"), ("api", "invalid_token")),
        why=_(
            "Every refresh replaces the refresh token. An old one coming back means two holders: nobody can tell which is the thief, so all tokens of the family end."
        ),
        twin_why=_("The twin's refresh tokens never change and never end."),
        spec="RFC 9700 4.14.2",
        code="codeflow/provider/flow/refresh.py",
        test="tests/provider/test_attacks.py",
        run=tokens.refresh_again,
    ),
    Attack(
        slug="framing",
        title=_("Frame the consent page"),
        story=_(
            'You put the consent page, invisible, under a button of your own, so that a click on yours is a click on "Allow".'
        ),
        refuser="browser",
        check=_("frame-ancestors"),
        errors=(("browser", "frame-ancestors"),),
        why=_("The server tells the browser that nobody may frame this page, and the browser shows nothing."),
        twin_why=_("The twin's page says nothing of frames, so anybody may frame it."),
        spec="RFC 9700 4.16",
        code="codeflow/provider/views/pages.py",
        test="tests/provider/cases/consent.py",
        run=framing.frame_the_consent_page,
    ),
    Attack(
        slug="open-redirect",
        title=_("End the sign-in at your site"),
        story=_(
            "You send alice a sign-in link of the real client, whose next leads to your site. She has just typed her password: she trusts the next page."
        ),
        refuser="client",
        check=_("next stays on this site"),
        errors=(("client", "stays_here"),) * 3,
        why=_(
            "Where a sign-in ends is an address on this site. Any other is forgotten before the sign-in begins, and alice ends on the client's own page."
        ),
        twin_why=_("The twin goes wherever next says."),
        spec="RFC 9700 4.11",
        code="codeflow/relying_party/addresses.py",
        test="tests/relying_party/test_initiation.py",
        run=front_channel.end_somewhere_else,
    ),
)

DENIED = Attack(
    slug="denied-consent",
    title=_("Say no"),
    story=_("Nobody attacks. You simply do not allow it, on the server's consent page."),
    refuser="client",
    check=_("error=access_denied"),
    errors=(("client", "callback.access_denied"),),
    why=_(
        "The client gets an error instead of a code, and says so on a page that offers a way back. Nothing was shared, and nobody is signed in."
    ),
    twin_why=_("Even the twin gets no code."),
    spec="RFC 6749 4.1.2.1",
    code=_CALLBACK,
    test=_TOKEN_TESTS,
    run=front_channel.say_no,
    is_attack=False,
)

EVERYTHING = (*ATTACKS, DENIED)
