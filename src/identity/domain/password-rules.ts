/** Whose password it is to be. */
export interface PasswordOwner {
  email: string;
  firstName: string;
  lastName: string;
}

/** `common`: among the first that a guesser tries. `personal`: made of what is known of its owner. */
export type Weakness = 'common' | 'personal';

/** Repeated, it is a pattern of the keyboard and not a word. */
const SHORTEST_UNIT = 4;
/** What a guesser knows of everybody here. */
const OF_THE_HOUSE = 'cybermed';

/**
 * Why a password of the right length is too weak, or undefined where nothing speaks against it. Capitals, and digits
 * and signs around a common word, make no difference; nor does repeating it.
 */
export function weaknessOf(
  password: string,
  owner: PasswordOwner,
  isCommon: (password: string) => boolean,
): Weakness | undefined {
  const plain = password.normalize('NFKC').toLowerCase();
  const word = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  for (const text of [plain, word]) {
    const unit = unitOf(text);
    const isPattern = unit !== text && Array.from(unit).length < SHORTEST_UNIT;
    if (isPattern || isCommon(text) || isCommon(unit)) return 'common';
  }
  return isMadeOf(password, wordsOf(owner)) ? 'personal' : undefined;
}

/** The shortest text whose repetitions are the whole. */
function unitOf(text: string): string {
  const length = (text + text).indexOf(text, 1);
  return length < 1 ? text : text.slice(0, length);
}

function wordsOf({ email, firstName, lastName }: PasswordOwner): string[] {
  const parts = [email, firstName, lastName].flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  return [...parts, OF_THE_HOUSE]
    .map(lettersOf)
    .filter((word) => word.length > 1)
    .toSorted((a, b) => b.length - a.length);
}

/** Whether nothing but digits is left without these words; the longest are taken out first. */
function isMadeOf(password: string, words: readonly string[]): boolean {
  const whole = lettersOf(password);
  // Signs alone are no word of anybody's.
  if (!/\p{L}/u.test(whole)) return false;
  const rest = words.reduce((text, word) => text.replaceAll(word, ' '), whole);
  return !/\p{L}/u.test(rest);
}

/** Letters and digits, without accents and case: `Zoë-Ann` is `zoeann`. */
function lettersOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}
