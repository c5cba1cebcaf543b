/** Fetches the keys of a client: https only, or this machine itself; no redirects, so that nothing else is reached. */
const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** In ms. */
const patience = 3000

/** As `fetch`. Throws for addresses that a client must not make this server ask. */
export const fetchKeys = async (
  asked: string | URL | Request,
  options: RequestInit = {},
): Promise<Response> => {
  const url = new URL(asked instanceof Request ? asked.url : asked)
  const { protocol, hostname } = url
  const isLocal = loopback.has(hostname)
  if (protocol !== 'https:' && !isLocal) throw new TypeError('keys of clients are fetched by https only')
  const { dispatcher, ...rest } = options as RequestInit & { dispatcher?: unknown }
  return await fetch(url, {
    ...rest,
    // It refuses addresses of private networks, this machine among them.
    ...(isLocal ? {} : { dispatcher: dispatcher as never }),
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  })
}
