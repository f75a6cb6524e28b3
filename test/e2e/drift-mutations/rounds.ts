import { everything, type Mutation } from "./mutation.ts";

/** So many settings of one thing are changed at once, and no more, lest one hides another. */
const mostOfOneSubject = 3;

/** Puts mutations into few rounds, in each of which none has to do with another. */
export function planRounds(mutations: readonly Mutation[]): Mutation[][] {
  const rounds: Mutation[][] = [];
  for (const mutation of mutations.filter(({ alone }) => alone !== true)) {
    const round = rounds.find((one) => fits(mutation, one));
    if (round === undefined) rounds.push([mutation]);
    else round.push(mutation);
  }
  return [...rounds, ...mutations.filter(({ alone }) => alone === true).map((one) => [one])];
}

function fits(mutation: Mutation, round: readonly Mutation[]): boolean {
  if (round.some((other) => hides(other, mutation) || hides(mutation, other))) return false;
  const { claim, subject } = mutation;
  const others = round.filter((other) => other.subject === subject);
  if (others.length === 0) return true;
  return (
    claim !== everything &&
    others.length < mostOfOneSubject &&
    others.every((other) => other.claim !== everything && other.claim !== claim)
  );
}

/** Whether nobody can look at the one for the other: into a guest that is stopped, say. */
function hides({ unchecked = [] }: Mutation, { subject }: Mutation): boolean {
  return unchecked.includes(subject);
}
