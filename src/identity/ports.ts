import type { Instant } from '#libs/kernel/clock.js';
import type { PasswordReset } from './domain/password-reset.js';
import type { TryBudget } from './domain/try-budget.js';
import type { Actor, Gender, User } from './domain/user.js';
import type { Session } from './domain/session.js';

/** The accounts. */
export abstract class Users {
  /** Throws EmailTaken when another account has an email of the same key. */
  abstract add(user: User): Promise<void>;
  /**
   * Adds an account that is to be verified. It takes the place of another of its email that still is; beside one that is
   * verified nothing happens. Which of these it was is told to nobody, and takes as long.
   */
  abstract addUnverified(user: User): Promise<void>;
  /** The account waits for no verification any more. */
  abstract verify(id: string): Promise<void>;
  /** Forgets accounts that were to be verified before. */
  abstract forgetUnverified(before: number): Promise<void>;
  abstract find(id: string): Promise<User | undefined>;
  /** By the email's key: upper and lower case make no difference. */
  abstract findByEmail(email: string): Promise<User | undefined>;
  abstract isEmpty(): Promise<boolean>;
  /** Changes what is given and leaves what is absent or undefined; nothing happens to a user who is not there, or not active. */
  abstract change(
    id: string,
    change: { firstName?: string; lastName?: string; gender?: Gender | null },
  ): Promise<void>;
  /**
   * Notes a login by this password hash, as one conditional update. False, and nothing is noted, when the user is no
   * longer active or has another hash: whoever changes either first wins against a login that is under way. Until the unit of work ends, no
   * other login of the user is noted. `rehashed` takes the place of the hash: the same password under other parameters.
   */
  abstract recordLogin(
    user: Pick<User, 'id' | 'passwordHash'>,
    at: number,
    rehashed?: string,
  ): Promise<boolean>;
  /** Gives another password, as one conditional update: false when the user has another hash by now, or is not active. */
  abstract changePassword(user: Pick<User, 'id' | 'passwordHash'>, passwordHash: string): Promise<boolean>;
  /**
   * Closes the account, as one conditional update: false when the user has another hash by now, or is not active. Its email
   * is free for another, and what was known of its person is gone; the names stay where that is told.
   */
  abstract close(
    user: Pick<User, 'id' | 'passwordHash'>,
    closed: Pick<User, 'email' | 'passwordHash'> & { at: Instant; keepsNames: boolean },
  ): Promise<boolean>;
  /** Whether the user is active; they stay so until the unit of work ends. */
  abstract holdActive(id: string): Promise<boolean>;
  /** Nothing happens to a user who is not there, nor is one activated who was closed. */
  abstract setActive(id: string, active: boolean): Promise<void>;
  /**
   * Gives the user the photo of this key, or none, and answers the key of before: of all who replace it at once each is
   * answered another. Undefined, and nothing done, for a user who is not there or not active.
   */
  abstract replacePhoto(id: string, photo: string | null): Promise<string | null | undefined>;
  /**
   * The ids of the admins who are active, held until the unit of work ends: of two units that ask, one waits and sees
   * what the other has left.
   */
  abstract lockActiveAdmins(): Promise<readonly string[]>;
}

/** The logins that are or were open. */
export abstract class Sessions {
  abstract add(session: Session): Promise<void>;
  abstract find(id: string): Promise<Session | undefined>;
  /**
   * Moves the counter from `counter` to the next, as one compare-and-swap. Of any number of concurrent calls with one
   * counter exactly one answers true; false too for a session that has ended.
   */
  abstract advance(id: string, counter: number, at: number): Promise<boolean>;
  /** Ends an open session; one that has ended keeps its time. */
  abstract end(id: string, at: number): Promise<void>;
  /** The user's sessions that are live now, the newest login first. */
  abstract openOf(userId: string, now: number): Promise<readonly Session[]>;
  /** Ends all open sessions of the user, but for one where that is told; answers how many it was. */
  abstract endAllOf(userId: string, at: number, but?: string): Promise<number>;
  /** All that are kept of the user, also those that have ended, oldest first; those after an id. */
  abstract listOf(userId: string, limit: number, after?: string): Promise<readonly Session[]>;
  /** Ends all of the user, and keeps nothing of them. */
  abstract removeAllOf(userId: string): Promise<void>;
  /** Forgets sessions that were opened before, the oldest first; answers how many it was. */
  abstract forget(before: number, atMost: number): Promise<number>;
}

/** Passwords that a guesser tries first. */
export abstract class CommonPasswords {
  /** `password` in lower case. */
  abstract includes(password: string): boolean;
}

/** Slow on purpose, and never inside a unit of work. Throws Overloaded where too many wait. */
export abstract class PasswordHasher {
  abstract hash(password: string): Promise<string>;
  /** A hash like any other, of random bytes that nobody keeps: no password matches it. */
  abstract hashOfNothing(): Promise<string>;
  /** False for a wrong password. Without a hash it takes as long and answers false. */
  abstract verify(hash: string | undefined, password: string): Promise<boolean>;
  /** Whether the hash was made with other parameters than those of today. */
  abstract isOutdated(hash: string): boolean;
}

/** Signs and mints; the keys stay inside. */
export abstract class Tokens {
  /** A signed access token (JWT) that expires after `accessTtl`. */
  abstract access(subject: { userId: string; sessionId: string }): Promise<string>;
  /** The refresh token of the session at its present counter. */
  abstract refresh(session: Session): string;
  /** The session and counter that a token claims; undefined for anything of another form. Proves nothing. */
  abstract claimOf(refreshToken: string): { sessionId: string; counter: number } | undefined;
  /** Whether the token was minted here for this session at the counter that it claims. */
  abstract isGenuine(refreshToken: string, session: Session): boolean;
  /** Fresh random bytes for a session, base64url. */
  abstract nonce(): string;
}

/** Marks of texts that are to be recognised but not kept: without the key nobody can try out what a mark stands for. */
export abstract class Fingerprints {
  /** At most 64 characters. */
  abstract of(text: string): string;
  /** Whether the mark was made of this text, also under a key of before. */
  abstract match(text: string, fingerprint: string): boolean;
}

export interface Message {
  /** One email address. */
  to: string;
  subject: string;
  /** Plain text, lines of at most 78 characters. */
  text: string;
}

/** For the log: why the mail server did not take a message, in its codes. Its words may quote an address. */
export class MailNotTaken extends Error {
  constructor(...codes: readonly (string | number | undefined)[]) {
    super('The mail server did not take the message.');
    this.name = ['MailNotTaken', ...codes].filter(Boolean).join(' ');
  }
}

/** Messages to people. Slow, may fail, and never inside a unit of work. */
export abstract class Mail {
  /** Throws MailNotTaken; whether what was taken arrives nobody knows. */
  abstract send(message: Message): Promise<void>;
}

export interface KeptMessage extends Message {
  at: Instant;
}

/** Messages that were kept instead of sent. */
export abstract class KeptMail {
  /** The newest first; undefined where nobody may see them. */
  abstract newest(limit: number): Promise<readonly KeptMessage[] | undefined>;
}

/** Requests for a new password, at most one for each email. Emails are compared by their key. */
export abstract class PasswordResets {
  /**
   * Notes a request; it takes the place of an earlier one, whose token is then of no use. Nothing happens where there is one
   * that is not older than `pause` milliseconds: then it is false.
   */
  abstract request(emailKey: string, at: number, pause: number): Promise<boolean>;
  /** Those that are not settled and were not tried since: first what was never tried, or longest ago. */
  abstract due(since: number, limit: number): Promise<readonly PasswordReset[]>;
  /** Keeps the hash of the token that is about to be mailed. False where the request was replaced or settled meanwhile. */
  abstract arm(
    reset: PasswordReset,
    armed: { userId: string; tokenHash: string; at: number },
  ): Promise<boolean>;
  /** Takes the request, if it was not replaced, off those that are due. */
  abstract settle(reset: PasswordReset, at: number): Promise<void>;
  /** By the hash of its token. */
  abstract find(tokenHash: string): Promise<PasswordReset | undefined>;
  /** Uses the token up, as one conditional update: of all who try at once one is answered true. False for one requested before `since`. */
  abstract consume(tokenHash: string, since: number): Promise<boolean>;
  /** No token that was mailed, or is about to be, is good any more. That one was asked for stays noted, for the pause. */
  abstract withdraw(emailKey: string, at: number): Promise<void>;
  /**
   * The same, of an email that nobody has any more: nothing stays noted, but for the pause where a letter was mailed in it, or
   * who opens and closes accounts of somebody's email could have one mailed each time.
   */
  abstract dismiss(emailKey: string, at: number, pause: number): Promise<void>;
  /** Forgets all that were requested before. */
  abstract forget(before: number): Promise<void>;
}

/** Random texts that are as good as a password, once. */
export abstract class Secrets {
  /** 256 bits, base64url, and what is kept of them. */
  abstract next(): { token: string; hash: string };
  abstract hashOf(token: string): string;
}

/** What is written to people. */
export abstract class Letters {
  abstract reset(user: Pick<User, 'email' | 'firstName'>, token: string): Message;
  abstract verification(user: Pick<User, 'email'>, token: string): Message;
}

/** One try of a budget. */
export interface Draw {
  /** At most 64 characters, which tell nothing of whose budget it is. */
  key: string;
  budget: TryBudget;
}

/** What is used up of the budgets of tries. */
export abstract class TryBudgets {
  /** The milliseconds until there is a try of each; 0 when there is one now. Only reads: what it answers may pass at once. */
  abstract wait(draws: readonly Draw[], now: Instant): Promise<number>;
  /**
   * Takes one try of each budget and answers 0; or takes none, and answers the milliseconds until there is one of the
   * first that is used up. Of any number of concurrent calls no more take one than there are.
   */
  abstract draw(draws: readonly Draw[], now: Instant): Promise<number>;
  abstract giveBack(draws: readonly Draw[]): Promise<void>;
  /** Removes budgets of which all is back, at most so many, and answers how many were found. */
  abstract forget(now: Instant, atMost: number): Promise<number>;
}

/** What a device is given when it logs in. It proves nothing but that the device logged in to this account before. */
export abstract class DeviceTokens {
  /** At most 200 characters. */
  abstract issue(userId: string): string;
  /** For whom it was issued here; undefined for anything else. */
  abstract userOf(token: string): string | undefined;
}

/** Makes photos of what people send. Slow, and never inside a unit of work. Throws Overloaded where too many wait. */
export abstract class PhotoEncoder {
  /**
   * A WebP of at most 1024 pixels a side, upright, made of the picture's pixels alone: nothing else of the file is in it, and of
   * one that moves it is the first frame. Throws UnsupportedImage for what does not begin as a JPEG, PNG or WebP, and
   * UnusableImage for what cannot be decoded or has more than 25 megapixels.
   */
  abstract encode(picture: Uint8Array): Promise<Uint8Array>;
}

/** The files of photos, by keys. Slow, may fail, and never inside a unit of work. */
export abstract class PhotoStorage {
  /** That nobody guesses and nothing is kept under. */
  abstract newKey(): string;
  /** When it is done the photo is on the disk. Whoever reads meanwhile finds nothing, or all of it. */
  abstract keep(key: string, photo: Uint8Array): Promise<void>;
  abstract find(key: string): Promise<Uint8Array | undefined>;
  /** Removes all of it, also where keeping it has failed; nothing happens where nothing is kept. */
  abstract remove(key: string): Promise<void>;
}

/** Keys of photos that nobody has any more, or not yet. What is kept under them is to be removed. */
export abstract class DiscardedPhotos {
  abstract add(key: string, at: Instant): Promise<void>;
  /** Takes the key off, as one conditional delete: false where it is not on it. */
  abstract takeOff(key: string): Promise<boolean>;
  /** Keys that were added before, the oldest first. */
  abstract before(at: Instant, limit: number): Promise<readonly string[]>;
}

/** Seconds. */
export const ACCESS_TTL = 600;

/** The profile ids of users, from the modules above. */
export abstract class DoctorProfileIds {
  abstract find(userId: string): Promise<string | undefined>;
}
export abstract class PatientProfileIds {
  abstract find(userId: string): Promise<string | undefined>;
}

/** Who may open the card of a user, from the modules above: of a doctor, of a patient. False where there is no card. */
export abstract class DoctorCards {
  abstract isOpenTo(actor: Actor, userId: string): Promise<boolean>;
}
export abstract class PatientCards {
  /** The profile id of a user who is a patient; undefined without a profile. */
  abstract idOf(userId: string): Promise<string | undefined>;
  abstract isOpenTo(actor: Actor, userId: string): Promise<boolean>;
}

/** Whether a new account works only after its owner has used a token that was mailed. */
export abstract class EmailVerification {
  abstract readonly isRequired: boolean;
}
