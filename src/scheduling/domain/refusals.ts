import type { Instant } from '#libs/kernel/clock.js';
import { DomainError, type ProblemDefinition, type ProblemDetails } from '#libs/kernel/errors.js';

interface RefusalWords {
  kind: 'rule' | 'conflict';
  title: string;
  explanation: string;
}

/** The rules of the slot policy in the order in which they are judged; each name is the problem's code. */
const RULES = {
  'unknown-visit-type': {
    kind: 'rule',
    title: 'No such visit type',
    explanation:
      'The doctor offers no visit type of this name, or not to you. Leave `visit_type` out to mean the first that you may book.',
  },
  'no-such-time': {
    kind: 'rule',
    title: 'The wall-clock time does not exist',
    explanation:
      "On this date the clocks of the doctor's zone skip this time. It is never moved silently; choose another time.",
  },
  'in-the-past': {
    kind: 'rule',
    title: 'The time is in the past',
    explanation: 'The start lies before now. Nobody, not even an admin, books the past.',
  },
  'too-soon': {
    kind: 'rule',
    title: 'The start is too near',
    explanation:
      'The doctor asks for some notice before a visit (60 minutes unless changed). Choose a later time.',
  },
  'too-far': {
    kind: 'rule',
    title: 'The date is too far ahead',
    explanation:
      "The doctor's calendar is open for a number of days (90 unless changed), counted in the doctor's zone. Choose an earlier date.",
  },
  'outside-hours': {
    kind: 'rule',
    title: "Outside the doctor's hours",
    explanation:
      'A visit lies wholly inside one interval of the hours of its date, and never crosses midnight. Ask for free slots.',
  },
  'off-grid': {
    kind: 'rule',
    title: 'Not a time at which visits start',
    explanation:
      'Visits start every so many minutes from the start of the hours, and for everyone on a multiple of 5 minutes. Ask for free slots.',
  },
  'doctor-absent': {
    kind: 'conflict',
    title: 'The doctor is absent',
    explanation:
      'The doctor is away at this time. Ask for free slots; a refused booking names the nearest as `alternatives`.',
  },
  'slot-taken': {
    kind: 'conflict',
    title: 'The time is taken',
    explanation:
      "The doctor's time is occupied, wholly or in part. Ask for free slots; a refused booking names the nearest as `alternatives`.",
  },
  'day-full': {
    kind: 'conflict',
    title: 'The day is full',
    explanation: 'The doctor sees no more patients on this date. Choose another.',
  },
  'patient-limit': {
    kind: 'conflict',
    title: 'Too many open appointments with this doctor',
    explanation:
      'A patient has at most so many coming appointments with one doctor (5 unless changed). Keep or cancel one first.',
  },
  'patient-busy': {
    kind: 'conflict',
    title: 'The patient is busy',
    explanation: 'The patient has another appointment that overlaps this time, with this doctor or another.',
  },
} satisfies Record<string, RefusalWords>;

export type Refusal = keyof typeof RULES;

/** What a rule says, without the marks of the page of problems. */
export function wordsOf(refusal: Refusal): { title: string; detail: string } {
  const { title, explanation } = RULES[refusal];
  return { title, detail: explanation.replaceAll('`', '') };
}

export const REFUSAL_PROBLEMS: readonly ProblemDefinition[] = Object.entries(RULES).map(([code, words]) => ({
  code,
  ...words,
}));

const OF_THE_AGENDA: readonly Refusal[] = ['doctor-absent', 'slot-taken', 'day-full'];
const OF_THE_PATIENT: readonly Refusal[] = ['patient-limit', 'patient-busy'];

/** The rules without those of the doctor's agenda, where others would have refused the time before it was asked. */
export function withoutAgenda(refusals: readonly Refusal[]): readonly Refusal[] {
  const isOffered = refusals.every((one) => OF_THE_AGENDA.includes(one) || OF_THE_PATIENT.includes(one));
  return isOffered ? refusals : refusals.filter((one) => !OF_THE_AGENDA.includes(one));
}

/** A rule of the doctor's time speaks against the request. */
export class SlotRefused extends DomainError {
  constructor(
    readonly refusal: Refusal,
    details: ProblemDetails = {},
    /** The start that was refused, where several were asked for at once. */
    readonly startsAt?: Instant,
  ) {
    super(wordsOf(refusal).detail, details);
  }

  override get problem(): ProblemDefinition {
    return { code: this.refusal, ...RULES[this.refusal] };
  }
}
