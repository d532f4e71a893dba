/** The request's nonce: style elements made at run time carry it, or the page's policy refuses them. */
export function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}
