// npm oidc-provider with its development interactions: any name and password sign in.
import { Provider } from "oidc-provider";

const { port, client_id, client_secret, redirect_uri, post_logout_redirect_uri, backchannel_logout_uri } = JSON.parse(process.env.PEER);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [redirect_uri],
      post_logout_redirect_uris: [post_logout_redirect_uri],
      grant_types: ["authorization_code", "refresh_token"],
      backchannel_logout_uri,
      backchannel_logout_session_required: true,
    },
  ],
  cookies: { keys: ["tests only"] },
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
  features: { backchannelLogout: { enabled: true }, revocation: { enabled: true }, devInteractions: { enabled: true } },
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),  // its own door refuses loopback hosts
  findAccount: (ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: "Alice Example", email: "alice@example.com", email_verified: true }),
  }),
});
provider.listen(port, "127.0.0.1");
