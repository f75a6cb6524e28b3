/** Splits a list as PVE::Tools::split_list does: at commas, semicolons, blanks or NULs. */
export function splitList(text: string | undefined): string[] {
  return (text ?? "").split(/[\0,;\s]+/).filter((item) => item !== "");
}
