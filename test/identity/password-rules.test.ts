import { describe, expect, test } from 'vitest';
import { ListedCommonPasswords } from '../../src/identity/adapters/listed-common-passwords.js';
import { weaknessOf } from '../../src/identity/domain/password-rules.js';

const ADA = { email: 'ada.newman@clinic.example.org', firstName: 'Ada', lastName: 'Newman-Lövö' };
const LISTED = new Set(['sunshine', 'qwertyuiop', 'iloveyouforever', '1q2w3e4r5t6y']);
const isListed = (text: string) => LISTED.has(text);

describe('a password is common', () => {
  test.each([
    ['that is listed', 'iloveyouforever'],
    ['in any case', 'ILoveYouForever'],
    ['of digits and letters as it is listed', '1q2w3e4r5t6y'],
    ['with digits after it', 'sunshine1990'],
    ['with signs around it', '!!sunshine!!'],
    ['repeated', 'sunshinesunshine'],
    ['repeated, with a year', 'SunshineSunshine2024'],
    ['of one letter', 'aaaaaaaaaaaa'],
    ['of one letter and digits', 'aaaaaaaaaaaa1'],
    ['of three keys again and again', 'abcabcabcabc'],
    ['of digits again and again', '121212121212'],
    ['in full-width letters', 'ｓｕｎｓｈｉｎｅ1990'],
  ])('%s', (_, password) => {
    expect(weaknessOf(password, ADA, isListed)).toBe('common');
  });
});

describe('a password is personal', () => {
  test.each([
    ['that is the email', 'ada.newman@clinic.example.org'],
    ['that is the email in capitals', 'ADA.NEWMAN@CLINIC.EXAMPLE.ORG'],
    ['that is the name', 'Ada Newman-Lövö'],
    ['that is the name turned round', 'newman lovo ada'],
    ['that is the name with a year', 'adanewman1990'],
    ['that is the first name again and again', 'Ada-Ada-Ada-Ada!'],
    ['that is made of parts of the email', 'newman@example'],
    ['that names the house', 'CyberMed-2030'],
    ['that is name and house', 'cybermed ada!'],
  ])('%s', (_, password) => {
    expect(weaknessOf(password, ADA, isListed)).toBe('personal');
  });
});

test.each([
  'a tree in the wind',
  'ada likes trees in the wind',
  'sunshine after rain',
  '493027561938',
  'ééééüüüüöööö',
  '沉默的大象在河边跳舞唱歌',
  '🐘🦒🐘🦒🦓🦏🐘🦛🦒🐪🐫🦙',
  '            x',
])('%s is neither', (password) => {
  expect(weaknessOf(password, ADA, isListed)).toBeUndefined();
});

test('names of which nothing is a letter make nothing personal', () => {
  const nobody = { email: '1@2.org', firstName: '-', lastName: '?' };
  expect(weaknessOf('a tree in the wind', nobody, isListed)).toBeUndefined();
  expect(weaknessOf('------------', nobody, isListed)).toBe('common');
});

describe('the list of common passwords', () => {
  const list = new ListedCommonPasswords();

  test.each(['password', 'qwertyuiop', 'iloveyou', '123456789012', 'unbelievable', 'administrator'])(
    'has %s',
    (password) => {
      expect(list.includes(password)).toBe(true);
    },
  );

  test.each(['a tree in the wind', 'demo-password', '', 'constructor', '__proto__'])(
    'has not %j',
    (password) => {
      expect(list.includes(password)).toBe(false);
    },
  );

  test('makes passwords of the right length weak', () => {
    for (const password of [
      'password1234',
      'Password!!!!',
      'qwertyuiop[]',
      'passwordpassword',
      'iloveyou2030',
    ])
      expect(weaknessOf(password, ADA, (text) => list.includes(text))).toBe('common');
  });
});
