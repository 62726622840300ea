import type { Instant } from '#libs/kernel/clock.js';
import {
  DomainError,
  type Alternative,
  type FieldError,
  type ProblemDefinition,
} from '#libs/kernel/errors.js';
import { counted, inWords } from './words.js';

/** What a refusal tells of a doctor's rules. */
export interface ToldRules {
  /** Names of the visit types that the actor may book. */
  bookable: readonly string[];
  gridMinutes: number | null;
  noticeMinutes: number;
  horizonDays: number;
  patientLimit: number;
  /** Hours and grid do not hold for the actor, but what holds for everyone does. */
  exempt: boolean;
}

interface RefusalWords {
  kind: 'rule' | 'conflict';
  title: string;
  /** Of every doctor. */
  explanation: string;
  /** Of one doctor, where there is more or less to say. */
  detail?: (rules: ToldRules) => string | undefined;
}

/** The rules of the slot policy in the order in which they are judged; each name is the problem's code. */
const RULES = {
  'unknown-visit-type': {
    kind: 'rule',
    title: 'No such visit type',
    explanation:
      'The doctor offers no visit type of this name, or not to you. Leave `visit_type` out to mean the first that you may book; with free slots you are told all of them as `visit_types`.',
    detail: ({ bookable }) =>
      `The doctor offers no visit type of this name, or not to you. You may book: ${bookable.join(', ') || 'none'}.`,
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
    detail: ({ noticeMinutes }) =>
      `The doctor asks for a notice of ${inWords(noticeMinutes)} before a visit. Choose a later time.`,
  },
  'too-far': {
    kind: 'rule',
    title: 'The date is too far ahead',
    explanation:
      "The doctor's calendar is open for a number of days (90 unless changed), counted in the doctor's zone. Choose an earlier date.",
    detail: ({ horizonDays }) =>
      `The doctor's calendar is open for ${counted(horizonDays, 'day')} ahead, counted in the doctor's zone. Choose an earlier date.`,
  },
  'outside-hours': {
    kind: 'rule',
    title: "Outside the doctor's hours",
    explanation:
      'A visit lies wholly inside one interval of the hours of its date, and never crosses midnight. Ask for free slots.',
    detail: ({ exempt }) => (exempt ? 'No visit crosses midnight. Choose another time.' : undefined),
  },
  'off-grid': {
    kind: 'rule',
    title: 'Not a time at which visits start',
    explanation:
      'Visits start every so many minutes from the start of the hours, and for everyone on a multiple of 5 minutes. Ask for free slots.',
    detail: ({ exempt, gridMinutes }) => {
      if (exempt) return 'Every visit starts on a multiple of 5 minutes. Choose another time.';
      const starts = gridMinutes === null ? 'at multiples of their length' : `every ${gridMinutes} minutes`;
      return `Visits start ${starts} from the start of the hours, and for everyone on a multiple of 5 minutes. Ask for free slots.`;
    },
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
      'A patient has at most so many coming appointments with one doctor (5 unless changed). Attend or cancel one first.',
    detail: ({ patientLimit }) =>
      `A patient has at most ${counted(patientLimit, 'coming appointment')} with this doctor. Attend or cancel one first.`,
  },
  'patient-busy': {
    kind: 'conflict',
    title: 'The patient is busy',
    explanation: 'The patient has another appointment that overlaps this time, with this doctor or another.',
  },
} satisfies Record<string, RefusalWords>;

export type Refusal = keyof typeof RULES;

/** What a rule says under a doctor's own rules, without the marks of the page of problems. */
export function wordsOf(refusal: Refusal, rules?: ToldRules): { title: string; detail: string } {
  const { title, explanation, detail }: RefusalWords = RULES[refusal];
  return { title, detail: (rules && detail?.(rules)) ?? explanation.replaceAll('`', '') };
}

export const REFUSAL_PROBLEMS: readonly ProblemDefinition[] = (Object.keys(RULES) as Refusal[]).map(
  problemOf,
);

function problemOf(code: Refusal): ProblemDefinition {
  const { kind, title, explanation } = RULES[code];
  return { code, kind, title, explanation };
}

const OF_THE_AGENDA: readonly Refusal[] = ['doctor-absent', 'slot-taken', 'day-full'];
const OF_THE_PATIENT: readonly Refusal[] = ['patient-limit', 'patient-busy'];

/** The rules without those of the doctor's agenda, where others would have refused the time before it was asked. */
export function withoutAgenda(refusals: readonly Refusal[]): readonly Refusal[] {
  const isOffered = refusals.every((one) => OF_THE_AGENDA.includes(one) || OF_THE_PATIENT.includes(one));
  return isOffered ? refusals : refusals.filter((one) => !OF_THE_AGENDA.includes(one));
}

const OWN_TIME =
  'Your own appointment with this doctor is at this time, wholly or in part. Reschedule or cancel it, or choose another time.';

/** For an admin whom a rule refused that an exemption sets aside. */
export const EXEMPTION_HINT = 'Such a rule does not hold for an admin who gives an exemption_reason.';

/** What is told of a refusal beside its rule. */
export interface RefusalContext {
  rules?: ToldRules | undefined;
  alternatives?: readonly Alternative[] | undefined;
  /** The places of the input that the rule refuses, where it is not plain which. */
  errors?: readonly FieldError[] | undefined;
  /** Who was refused has the doctor's time: it is told to its patient alone. */
  isOwn?: boolean | undefined;
  /** Who was refused may set the rule aside. */
  isWaivable?: boolean | undefined;
  /** The start that was refused, where several were asked for at once. */
  startsAt?: Instant | undefined;
}

/** A rule of the doctor's time speaks against the request. */
export class SlotRefused extends DomainError {
  readonly startsAt: Instant | undefined;

  constructor(
    readonly refusal: Refusal,
    { rules, alternatives, errors, isOwn = false, isWaivable = false, startsAt }: RefusalContext = {},
  ) {
    const detail = isOwn ? OWN_TIME : wordsOf(refusal, rules).detail;
    super(isWaivable ? `${detail} ${EXEMPTION_HINT}` : detail, {
      ...(alternatives && { alternatives }),
      ...(errors && { errors }),
    });
    this.startsAt = startsAt;
  }

  override get problem(): ProblemDefinition {
    return problemOf(this.refusal);
  }
}
