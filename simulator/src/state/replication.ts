/** What a replication job has done so far: pve-replication-state.json of the node that its guest is on. */
export interface ReplicationRecord {
  /** Seconds since 1970, when the last run began that went well; 0: none. */
  lastSync: number;
  /** As above, of the last run at all; 0 asks for one as soon as possible. */
  lastTry: number;
  /** Runs that failed in a row. */
  failCount: number;
  error?: string;
  /** In seconds. */
  duration?: number;
  /** Of the last run. */
  log: string[];
}
