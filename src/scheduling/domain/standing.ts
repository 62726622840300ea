/** Whether the clinic lets a doctor see patients now. */
export interface DoctorStanding {
  approved: boolean;
  /** The account is not deactivated. */
  active: boolean;
}

/** Whether time of the doctor may be given away, by anybody. */
export function mayBeBooked({ approved, active }: DoctorStanding): boolean {
  return approved && active;
}
