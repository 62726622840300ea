import type { SetSlotPolicyInput } from '../scheduling/index.js';

type Policy = Pick<SetSlotPolicyInput, 'rules' | 'weekly'>;

/** In minutes of the day. */
export interface Hours {
  from: number;
  to: number;
}

export const MORNING: Hours = { from: 8 * 60, to: 12 * 60 };
export const AFTERNOON: Hours = { from: 13 * 60, to: 17 * 60 };
const SCHOOL_IS_OUT: Hours = { from: 14 * 60, to: 18 * 60 };

/** A general practice: lunch is kept free, and a few minutes after each visit. */
export const JAMES_POLICY: Policy = {
  rules: {
    visitTypes: [
      { name: 'consultation', minutes: 30, bookableBy: 'everyone' },
      { name: 'follow-up', minutes: 15, bookableBy: 'seen' },
      { name: 'annual check-up', minutes: 45, bookableBy: 'everyone' },
      { name: 'minor surgery', minutes: 60, bookableBy: 'doctor' },
    ],
    gridMinutes: 15,
    noticeMinutes: 120,
    horizonDays: 90,
    bufferMinutes: { before: 0, after: 5 },
    dailyMaximum: 14,
    patientLimit: 5,
    confirmation: 'manual',
    confirmWithinMinutes: 72 * 60,
    cancellationNoticeMinutes: 24 * 60,
  },
  weekly: {
    monday: [MORNING, AFTERNOON],
    tuesday: [MORNING, AFTERNOON],
    wednesday: [MORNING, AFTERNOON],
    thursday: [MORNING, AFTERNOON],
    friday: [MORNING, AFTERNOON],
  },
};

/** Children come after school and on Saturday, and nobody has to wait for an answer. */
export const OLIVER_POLICY: Policy = {
  rules: {
    ...JAMES_POLICY.rules,
    visitTypes: [
      { name: 'first visit', minutes: 40, bookableBy: 'everyone' },
      { name: 'vaccination', minutes: 20, bookableBy: 'everyone' },
    ],
    gridMinutes: 20,
    bufferMinutes: { before: 0, after: 0 },
    dailyMaximum: null,
    confirmation: 'automatic',
  },
  weekly: {
    monday: [SCHOOL_IS_OUT],
    tuesday: [SCHOOL_IS_OUT],
    wednesday: [SCHOOL_IS_OUT],
    thursday: [SCHOOL_IS_OUT],
    saturday: [{ from: 9 * 60, to: 13 * 60 }],
  },
};
