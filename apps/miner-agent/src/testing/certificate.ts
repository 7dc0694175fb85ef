/** A certificate of nobody, for localhost, signed by itself; valid for a century. Made for these tests only. */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSTftzCn1eg97IGfy
1GqdEKrY4cZmhF1fYRw7t0ylwK2hRANCAASjevMdrd2JakjCvkjz6RjQ4nPT1bzL
nfPotvk0mb+SjNXzzvMlH6k+XJVsy0HyQZ+4xwx6RJUiUvBLGb4aipvh
-----END PRIVATE KEY-----`;

export const cert = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUYPkK/X7wp7xzb3zdAo2dnDc39NwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzAxNTIxOFoYDzIxMjYxMDMw
MDE1MjE4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASjevMdrd2JakjCvkjz6RjQ4nPT1bzLnfPotvk0mb+SjNXzzvMlH6k+
XJVsy0HyQZ+4xwx6RJUiUvBLGb4aipvho28wbTAdBgNVHQ4EFgQUU+uFFmsOJGvY
zIqRhIaMzZ7zwv4wHwYDVR0jBBgwFoAUU+uFFmsOJGvYzIqRhIaMzZ7zwv4wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgQih22N9qapj3d70RLFU67vpi3OZHQL/Aso/zL5Dl7MECIQCY
Xvc2JGDdzesIQQQ7OcBKeKRVS9l2P6D7GgQA5io4yw==
-----END CERTIFICATE-----`;
