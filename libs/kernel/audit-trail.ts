/** Who did it: a user, or a role alone where no user did (`operator` at a terminal, `system` by the clock). */
export interface AuditActor {
  userId: string | null;
  role: string;
}

/** What is kept of one change or one look at a patient's card, in the words of FHIR's AuditEvent. Ids only, never a person's data. */
export interface AuditEvent {
  /** `thing.verb`, such as `appointment.confirm`. Permanent: rows are kept for years. */
  action: `${string}.${string}`;
  entity: { type: string; id: string };
  /** Profile id of the patient whom it concerns; absent where it concerns none. */
  patient?: string;
  /** Who it was where nobody is signed in, as at a login. Whoever is signed in comes first. */
  by?: AuditActor;
}

/** The record of who did what. It is only ever added to. */
export abstract class AuditTrail {
  /**
   * Keeps an event in the unit of work of its effect, so that neither is there without the other. Recorded is what
   * happened: no refusal, no dry run, no request that changed nothing.
   */
  abstract record(event: AuditEvent): Promise<void>;
}
