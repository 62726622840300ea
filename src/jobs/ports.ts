/**
 * The right to do something in the name of all nodes, for a while. Instants are the store's, so that a node whose clock
 * is wrong neither takes what another holds nor keeps what it should give up.
 */
export abstract class Leases {
  /**
   * Takes a lease that is free or has run out, or holds on to one that is the holder's already, for so many milliseconds
   * from now; of all who ask at once one gets it. False while another holds it.
   */
  abstract take(name: string, holder: string, duration: number): Promise<boolean>;
  /** Gives it back early. A lease that is not the holder's stays as it is. */
  abstract release(name: string, holder: string): Promise<void>;
}
