/** Where a command's lines go, and a password comes from. */
export interface Terminal {
  say: (line: string) => void;
  complain: (line: string) => void;
  /** Asks for a password. */
  password: () => Promise<string>;
}
