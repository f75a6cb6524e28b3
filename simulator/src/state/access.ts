/** Who there is and who may do what: /etc/pve/user.cfg, domains.cfg and the passwords. */
export interface AccessState {
  /** By `name@realm`. */
  users: Record<string, User>;
  groups: Record<string, { comment?: string; members: string[] }>;
  /** The roles that someone made; the built-in ones are facts. */
  roles: Record<string, string[]>;
  acl: AclEntry[];
  /** domains.cfg, by realm. */
  realms: Record<string, Record<string, string>>;
  /** With what a realm binds to its directory, by realm: never returned by any request. */
  realmPasswords?: Record<string, string>;
}

/** One user. */
export interface User {
  enable: boolean;
  /** Seconds since 1970; 0: never. */
  expire: number;
  firstname?: string;
  lastname?: string;
  email?: string;
  comment?: string;
  keys?: string;
  /** Plain: a simulator's secrets protect nothing. */
  password?: string;
  tokens: Record<string, Token>;
}

/** One API token. */
export interface Token {
  secret: string;
  /** Has only the privileges that its user has and that it was given itself. */
  privsep: boolean;
  expire: number;
  comment?: string;
}

/** One line of the access control list. */
export interface AclEntry {
  readonly path: string;
  readonly type: "user" | "group" | "token";
  readonly ugid: string;
  readonly roleid: string;
  readonly propagate: boolean;
}

/** Who makes a request. */
export interface Session {
  /** `root@pam`, or `root@pam!simulator` for a token. */
  readonly user: string;
  /** The HA manager itself, which guests obey: others ask it to start, stop or move what it manages. */
  readonly ha?: true;
}

/** The user of `root@pam!simulator`. */
export function ownerOf(authId: string): string {
  const mark = authId.lastIndexOf("!");
  return mark >= 0 && /^[A-Za-z][\w.-]+$/.test(authId.slice(mark + 1)) ? authId.slice(0, mark) : authId;
}
