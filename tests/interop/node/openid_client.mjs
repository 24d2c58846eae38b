// openid-client with every check that it offers switched on, ID token and userinfo signatures included.

import { createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";
import { post_logout_redirect_uri, redirect_uri, scope, serve, settings } from "./web_app.mjs";

const BACKCHANNEL_LOGOUT = "http://schemas.openid.net/event/backchannel-logout";

const authentication = {
  client_secret_basic: () => client.ClientSecretBasic(settings.client_secret),
  client_secret_post: () => client.ClientSecretPost(settings.client_secret),
  none: () => client.None(),
}[settings.token_endpoint_auth_method]();

const config = await client.discovery(
  new URL(settings.issuer),
  settings.client_id,
  settings.metadata,
  authentication,
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
);

let login; // what must match when the browser comes back
let tokens;
const ended = []; // sessions that the provider has told us are over

serve({
  async "GET /login"(request) {
    const asked = Object.fromEntries(new URL(request.url).searchParams);
    login = {
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
      maxAge: asked.max_age ? Number(asked.max_age) : undefined,
    };
    return client.buildAuthorizationUrl(config, {
      redirect_uri,
      scope,
      state: login.expectedState,
      nonce: login.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(login.pkceCodeVerifier),
      code_challenge_method: "S256",
      ...asked,
    });
  },

  "GET /callback": signIn,
  "POST /callback": signIn, // response_mode=form_post

  async "GET /userinfo"() {
    return await userinfo();
  },

  async "GET /refresh"() {
    const before = tokens;
    tokens = await client.refreshTokenGrant(config, before.refresh_token);
    return {
      claims: tokens.claims(),
      userinfo: await userinfo(),
      rotated: tokens.refresh_token !== before.refresh_token,
    };
  },

  async "GET /introspect"() {
    return await client.tokenIntrospection(config, tokens.access_token);
  },

  async "GET /revoke"() {
    await client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: "refresh_token" });
    return {};
  },

  "GET /logout"() {
    login = { expectedState: client.randomState() };
    return client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri,
      state: login.expectedState,
    });
  },

  "GET /signed-out"(request) {
    return { signed_out: new URL(request.url).searchParams.get("state") === login.expectedState };
  },

  // openid-client leaves back-channel logout to jose (Back-Channel Logout 2.6).
  async "POST /backchannel-logout"(request) {
    const { logout_token } = Object.fromEntries(new URLSearchParams(await request.text()));
    const server = config.serverMetadata();
    const { payload } = await jwtVerify(logout_token, createRemoteJWKSet(new URL(server.jwks_uri)), {
      issuer: server.issuer,
      audience: settings.client_id,
      typ: "logout+jwt",
      algorithms: [settings.metadata.id_token_signed_response_alg],
      requiredClaims: ["iat", "exp", "jti", "sid", "sub", "events"],
      maxTokenAge: "2 minutes",
    });
    if (!(BACKCHANNEL_LOGOUT in payload.events) || "nonce" in payload) throw new Error("no logout token");
    ended.push({ sid: payload.sid, sub: payload.sub });
    return {};
  },

  "GET /ended"() {
    return ended;
  },
});

async function signIn(request) {
  tokens = await client.authorizationCodeGrant(config, request, { ...login, idTokenExpected: true });
  return { claims: tokens.claims(), userinfo: await userinfo(), scope: tokens.scope };
}

function userinfo() {
  return client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
}
