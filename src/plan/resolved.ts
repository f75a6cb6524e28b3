/** Looks up a name that was checked when the inventory was loaded. */
export function resolved<T>(record: Readonly<Record<string, T>>, name: string): T {
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  if (value === undefined) throw new Error(`"${name}" was not resolved when the inventory was checked.`);
  return value;
}
