"""The OAuth 2.0 / OpenID Connect Authorization Code Flow for Django, both roles.

| # | what happens                                                    | role          | file                                               |
|---|-----------------------------------------------------------------|---------------|----------------------------------------------------|
| 1 | the client server needs a protected resource and redirects the  | relying party | relying_party/flow/step1_authorization_request.py  |
|   | user to the authorization server                                |               |                                                    |
| 2 | the authorization server authenticates the user and decides:    | provider      | provider/flow/step2_authorization_request.py,      |
|   | granted or denied                                               |               | step2_authentication.py, step2_consent.py          |
| 3 | an authorization code is issued and returned to the user agent  | provider      | provider/flow/step3_authorization_response.py      |
| 4 | the user agent brings the code to the client server, which      | relying party | relying_party/flow/step4_authorization_response.py |
|   | checks the response                                             |               |                                                    |
| 5 | the client server POSTs its key, its secret and the code        | relying party | relying_party/flow/step5_token_request.py          |
| 6 | the authorization server verifies them and issues an ID token   | provider      | provider/flow/step6_client_authentication.py,      |
|   | and an access token                                             |               | step6_token_response.py                            |
| 7 | the client server validates the ID token, keeps the tokens to   | relying party | relying_party/flow/step7_id_token.py,              |
|   | itself, and requests resources on the user's behalf             |               | step7_resource_request.py                          |
"""

__version__ = "0.1.0"
