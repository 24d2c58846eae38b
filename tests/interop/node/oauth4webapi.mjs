// oauth4webapi, step by step, with the signatures of ID token, userinfo and JWT access token checked.

import * as oauth from "oauth4webapi";
import { origin, post_logout_redirect_uri, redirect_uri, scope, serve, settings } from "./web_app.mjs";

const insecure = { [oauth.allowInsecureRequests]: true }; // http on this machine

const issuer = new URL(settings.issuer);
const server = await oauth
  .discoveryRequest(issuer, { algorithm: settings.discovery, ...insecure })
  .then((response) => oauth.processDiscoveryResponse(issuer, response));

const client = { client_id: settings.client_id, ...settings.metadata };
const authentication = {
  client_secret_basic: () => oauth.ClientSecretBasic(settings.client_secret),
  client_secret_post: () => oauth.ClientSecretPost(settings.client_secret),
  none: () => oauth.None(),
}[settings.token_endpoint_auth_method]();

let login; // what must match when the browser comes back
let tokens;
let sub;

serve({
  async "GET /login"(request) {
    const asked = Object.fromEntries(new URL(request.url).searchParams);
    login = {
      verifier: oauth.generateRandomCodeVerifier(),
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      max_age: asked.max_age ? Number(asked.max_age) : undefined,
    };
    return address(server.authorization_endpoint, {
      client_id: client.client_id,
      redirect_uri,
      response_type: "code",
      scope,
      state: login.state,
      nonce: login.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(login.verifier),
      code_challenge_method: "S256",
      ...asked,
    });
  },

  "GET /callback": (request) => signIn(new URL(request.url).searchParams),
  "POST /callback": async (request) => signIn(new URLSearchParams(await oauth.formPostResponse(request))),

  async "GET /userinfo"() {
    return await userinfo();
  },

  async "GET /refresh"() {
    const before = tokens;
    const response = await oauth.refreshTokenGrantRequest(
      server, client, authentication, before.refresh_token, insecure,
    );
    tokens = await oauth.processRefreshTokenResponse(server, client, response);
    await oauth.validateApplicationLevelSignature(server, response, insecure);
    return {
      claims: oauth.getValidatedIdTokenClaims(tokens),
      userinfo: await userinfo(),
      rotated: tokens.refresh_token !== before.refresh_token,
    };
  },

  async "GET /introspect"() {
    const response = await oauth.introspectionRequest(server, client, authentication, tokens.access_token, insecure);
    return await oauth.processIntrospectionResponse(server, client, response);
  },

  // As an API would read the access token (RFC 9068 4).
  async "GET /access-token"() {
    const request = new Request(origin, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
    return await oauth.validateJwtAccessToken(server, request, server.issuer, insecure);
  },

  async "GET /revoke"() {
    const response = await oauth.revocationRequest(server, client, authentication, tokens.refresh_token, insecure);
    await oauth.processRevocationResponse(response);
    return {};
  },

  "GET /logout"() {
    login = { state: oauth.generateRandomState() };
    return address(server.end_session_endpoint, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri,
      state: login.state,
    });
  },

  "GET /signed-out"(request) {
    return { signed_out: new URL(request.url).searchParams.get("state") === login.state };
  },
});

async function signIn(received) {
  const parameters = oauth.validateAuthResponse(server, client, received, login.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server, client, authentication, parameters, redirect_uri, login.verifier, insecure,
  );
  tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: login.nonce,
    maxAge: login.max_age,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, response, insecure);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  sub = claims.sub;
  return { claims, userinfo: await userinfo(), scope: tokens.scope };
}

async function userinfo() {
  const response = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
  const claims = await oauth.processUserInfoResponse(server, client, sub, response);
  if (settings.metadata.userinfo_signed_response_alg) {
    await oauth.validateApplicationLevelSignature(server, response, insecure);
  }
  return claims;
}

function address(endpoint, parameters) {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}
