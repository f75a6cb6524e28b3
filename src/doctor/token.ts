/** An API token, apart. */
export interface TokenId {
  /** `homelab@pve` */
  readonly user: string;
  /** `homelab` */
  readonly name: string;
}

/** The token that bootstrap makes. */
export const deployToken: TokenId = { user: "homelab@pve", name: "homelab" };

/** Reads `user@realm!name=secret`; undefined where it is something else. The secret is not part of the answer. */
export function parseToken(text: string): TokenId | undefined {
  const [, user, name] = /^([^\s:/!=]+@[A-Za-z][\w.-]+)!([A-Za-z][\w.-]+)=\S+$/.exec(text) ?? [];
  return user === undefined || name === undefined ? undefined : { user, name };
}

/** `homelab@pve!homelab` */
export function renderTokenId({ user, name }: TokenId): string {
  return `${user}!${name}`;
}
