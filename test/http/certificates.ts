/** Certificates for tests, signed by themselves and good for a hundred years. Nothing else may use them. */

type Pair = { readonly name: string; readonly cert: string; readonly key: string }

export const first: Pair = {
  name: 'first',
  cert: `-----BEGIN CERTIFICATE-----
MIIBdjCCAR2gAwIBAgIUEhvyyakAsjIuMCd++3fn00nUqUYwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFZmlyc3QwIBcNMjYxMTIxMTIyNjA3WhgPMjEyNjEwMjgxMjI2
MDdaMBAxDjAMBgNVBAMMBWZpcnN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
4L8NMve+r68uZ+mtVqEpQeajHU4YVMz0hVGv4AsKT1yT+iJhG3dGeW5GHTz1EAao
btAUMlk6duPvuyY7jNN6eqNTMFEwHQYDVR0OBBYEFDw+rSkg4fYtyoZrKkWQ0uo+
XX+sMB8GA1UdIwQYMBaAFDw+rSkg4fYtyoZrKkWQ0uo+XX+sMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgCjAV2p89m2oCXikdQFwIvYOEBz7Xyng3
skSl4pFLA6cCICF0RL3k8ZKRDScH7UdnXZ0CSo8S9Q62zVkBzzgbulVJ
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgG5vUX/TCTaZF0kHQ
d/eZpaBV4wSuPlNCZw/rzP65xPShRANCAATgvw0y976vry5n6a1WoSlB5qMdThhU
zPSFUa/gCwpPXJP6ImEbd0Z5bkYdPPUQBqhu0BQyWTp24++7JjuM03p6
-----END PRIVATE KEY-----
`,
}

export const second: Pair = {
  name: 'second',
  cert: `-----BEGIN CERTIFICATE-----
MIIBejCCAR+gAwIBAgIUfphVoNSblh2Rnn+Vbq/xDOIYCGowCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGc2Vjb25kMCAXDTI2MTEyMTEyMjYwN1oYDzIxMjYxMDI4MTIy
NjA3WjARMQ8wDQYDVQQDDAZzZWNvbmQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQJVxbQtVMXU+S3KRzaGZ9JqGKuo1xcoVEVI5+ukbPiqfxsu7zIMKCapaYC1CMN
OMqqZam0yQ8zhUL7irgyAAcwo1MwUTAdBgNVHQ4EFgQU91ce4hucbphYDILVDgYa
ipevMB0wHwYDVR0jBBgwFoAU91ce4hucbphYDILVDgYaipevMB0wDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA0sdEHlAEyVKlNT/4ibRxUY+R4GwZ
Z4FbxcCxBysPaFcCIQCqfvzTJL2sxbsYDE7P9ZS4AR6csAVZxsfAlOff/Gdu3w==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgem8jviXOh5Rp+D1t
MXxe82ISv+7ZndmOSHvIbvBcpn2hRANCAAQJVxbQtVMXU+S3KRzaGZ9JqGKuo1xc
oVEVI5+ukbPiqfxsu7zIMKCapaYC1CMNOMqqZam0yQ8zhUL7irgyAAcw
-----END PRIVATE KEY-----
`,
}
