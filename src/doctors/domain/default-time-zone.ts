/** The zone of the clinic: that of a doctor who names none. */
export class DefaultTimeZone {
  constructor(readonly name: string) {}
}
