/** Whether a doctor is approved by filling in the profile, or by an admin (`DOCTOR_APPROVAL`). */
export class Approval {
  constructor(readonly isAutomatic: boolean) {}
}
