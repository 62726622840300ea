import { describe, expect, test } from 'vitest';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { encodeCursor } from '#libs/kernel/page.js';
import { aDoctor, admitDoctor, aUser } from '../support/memory/people.js';
import { contract } from './stores.js';

const WHOLE = {
  specialty: 'Cardiology',
  phoneNumber: '+49 30 1',
  experienceYears: 0,
  qualifications: 'FACC',
  hospitalAffiliation: 'Charité',
  timeZone: 'Asia/Kolkata',
};
const PERSON = { firstName: 'Clara', lastName: 'Sommer', photo: 'a'.repeat(32) };

contract('Doctors', (opened) => {
  test('a profile is found by its user, with all that was stored', async () => {
    const { doctors } = opened();
    const whole = await admitDoctor(opened(), WHOLE);
    const bare = await admitDoctor(opened(), { qualifications: null, hospitalAffiliation: null });
    expect(await doctors.findByUser(whole.userId)).toEqual(whole);
    expect(await doctors.findByUser(bare.userId)).toEqual(bare);
    expect(await doctors.findByUser(aUser().id)).toBeUndefined();
  });

  test('a second profile of a user is answered false, adds nothing, and lets the unit go on', async () => {
    const { transactions, doctors } = opened();
    const first = await admitDoctor(opened());
    const second = aDoctor({ id: first.userId }, { specialty: 'Dermatology' });
    const seen = await transactions.run(async () => {
      const added = await doctors.add(second);
      return { added, found: await doctors.findByUser(first.userId) };
    });
    expect(seen).toEqual({ added: false, found: first });
    expect(await doctors.findByUser(first.userId)).toEqual(first);
  });

  test('a change changes what is given and leaves what is absent or undefined', async () => {
    const { transactions, doctors } = opened();
    const doctor = await admitDoctor(opened(), WHOLE);
    const other = await admitDoctor(opened());
    const change = { experienceYears: 13, qualifications: null, specialty: undefined };
    await transactions.run(() => doctors.change(doctor.id, change));
    expect(await doctors.findByUser(doctor.userId)).toEqual({
      ...doctor,
      experienceYears: 13,
      qualifications: null,
    });
    expect(await doctors.findByUser(other.userId)).toEqual(other);
  });

  test.each([[{}], [{ specialty: undefined }]])(
    'a change of nothing (%o) changes nothing',
    async (change) => {
      const { transactions, doctors } = opened();
      const doctor = await admitDoctor(opened());
      await transactions.run(() => doctors.change(doctor.id, change));
      expect(await doctors.findByUser(doctor.userId)).toEqual(doctor);
    },
  );

  test('approval is given and withdrawn, and nothing else changes', async () => {
    const { transactions, doctors } = opened();
    const doctor = await admitDoctor(opened(), { approvedAt: null });
    const other = await admitDoctor(opened(), { approvedAt: null });
    await transactions.run(() => doctors.setApproval(doctor.id, 1234));
    expect(await doctors.findByUser(doctor.userId)).toEqual({ ...doctor, approvedAt: 1234 });
    await transactions.run(() => doctors.setApproval(doctor.id, null));
    expect(await doctors.findByUser(doctor.userId)).toEqual(doctor);
    expect(await doctors.findByUser(other.userId)).toEqual(other);
  });

  test('nothing happens to a profile that is not there', async () => {
    const { transactions, doctors } = opened();
    const user = aUser();
    await transactions.run(() => doctors.change(aDoctor(user).id, { specialty: 'Dermatology' }));
    expect(await doctors.findByUser(user.id)).toBeUndefined();
  });
});

contract('DoctorDirectory', (opened) => {
  test('a card is found by profile, by user and among many, without the phone number', async () => {
    const { doctorDirectory } = opened();
    const {
      phoneNumber: _,
      createdAt: __,
      approvedAt: ___,
      ...rest
    } = await admitDoctor(opened(), WHOLE, PERSON);
    const card = { ...rest, ...PERSON, approved: true, active: true, closed: false };
    expect(await doctorDirectory.find(card.id)).toEqual(card);
    expect(await doctorDirectory.findByUser(card.userId)).toEqual(card);
    expect(await doctorDirectory.findMany([card.id])).toEqual([card]);
    expect((await doctorDirectory.list({ limit: 1 })).results).toEqual([card]);
  });

  test('of many the ids of nobody are left out', async () => {
    const { doctorDirectory } = opened();
    const [one, two] = [await admitDoctor(opened()), await admitDoctor(opened())];
    await admitDoctor(opened());
    const found = await doctorDirectory.findMany([two.id, aUser().id, one.id]);
    expect(found.map(({ id }) => id).toSorted()).toEqual([one.id, two.id].toSorted());
    expect(await doctorDirectory.findMany([])).toEqual([]);
  });

  test('a doctor whose user is not active is as if not there, but for the name', async () => {
    const { doctorDirectory } = opened();
    const gone = await admitDoctor(opened(), {}, { active: false });
    expect(await doctorDirectory.find(gone.id)).toBeUndefined();
    expect(await doctorDirectory.findByUser(gone.userId)).toBeUndefined();
    expect(await doctorDirectory.findMany([gone.id]), 'but for the name in past appointments').toHaveLength(
      1,
    );
    expect(await doctorDirectory.list({ limit: 10 })).toEqual({ results: [], nextCursor: null });
  });

  test('of a doctor who has closed the account it is said so', async () => {
    const { doctorDirectory } = opened();
    const gone = await admitDoctor(opened(), {}, { active: false, closedAt: 1234 });
    expect(await doctorDirectory.findMany([gone.id])).toMatchObject([{ active: false, closed: true }]);
  });

  test('a doctor who is not approved is found only by themself, by name, and among everyone', async () => {
    const { doctorDirectory } = opened();
    const { id, userId } = await admitDoctor(opened(), { approvedAt: null });
    expect(await doctorDirectory.find(id)).toBeUndefined();
    expect(await doctorDirectory.findByUser(userId)).toMatchObject({ id, approved: false, active: true });
    expect(await doctorDirectory.findMany([id])).toHaveLength(1);
    expect((await doctorDirectory.list({ limit: 10 })).results).toEqual([]);
    const gone = await admitDoctor(opened(), {}, { active: false });
    const { results } = await doctorDirectory.list({ limit: 10, everyone: true });
    expect(results.map((card) => card.id).toSorted()).toEqual([id, gone.id].toSorted());
  });

  test('a doctor is not found by the id of the user, nor the user by that of the doctor', async () => {
    const { doctorDirectory } = opened();
    const doctor = await admitDoctor(opened());
    expect(await doctorDirectory.find(doctor.userId)).toBeUndefined();
    expect(await doctorDirectory.findByUser(doctor.id)).toBeUndefined();
  });

  test('a list goes by id, page by page, and ends', async () => {
    const { doctorDirectory } = opened();
    const all: string[] = [];
    for (let i = 0; i < 5; i++) all.push((await admitDoctor(opened())).id);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const { results, nextCursor } = await doctorDirectory.list({ limit: 2, cursor });
      pages.push(results.map(({ id }) => id));
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(all.toSorted());
  });

  test('a page that is exactly full is the last', async () => {
    const { doctorDirectory } = opened();
    await admitDoctor(opened());
    await admitDoctor(opened());
    expect((await doctorDirectory.list({ limit: 2 })).nextCursor).toBeNull();
  });

  test.each(['', 'x', 'WzFd', encodeCursor([1]), encodeCursor(['a', 'b'])])(
    'the cursor "%s" is an InvalidRequest',
    async (cursor) => {
      await expect(opened().doctorDirectory.list({ limit: 2, cursor })).rejects.toBeInstanceOf(
        InvalidRequest,
      );
    },
  );

  describe('searching', () => {
    const CLARA = { firstName: 'Clara', lastName: 'Sommer' };
    const OZLEM = { firstName: 'Özlem', lastName: 'Yıldız-Åberg' };

    async function found(query: { q?: string; specialty?: string }): Promise<string[]> {
      await admitDoctor(opened(), { specialty: 'Cardiology', hospitalAffiliation: 'Charité' }, CLARA);
      await admitDoctor(
        opened(),
        { specialty: 'Ästhetische Medizin', hospitalAffiliation: '100% Gesund_Haus!' },
        OZLEM,
      );
      const { results } = await opened().doctorDirectory.list({ limit: 10, ...query });
      return results.map(({ firstName }) => firstName);
    }

    test.each<[string, string[]]>([
      ['clara', ['Clara']],
      ['ARA SOM', ['Clara']],
      ['özlem', ['Özlem']],
      ['ÅBERG', ['Özlem']],
      ['cardio', ['Clara']],
      ['ÄSTHET', ['Özlem']],
      ['CHARITÉ', ['Clara']],
      ['e', ['Clara', 'Özlem']],
      ['% g', ['Özlem']],
      ['d_h', ['Özlem']],
      ['haus!', ['Özlem']],
      ['c%a', []],
      ['c_ara', []],
      ["'", []],
      ['Sommer Clara', []],
    ])('a part "%s" of name, specialty or hospital finds %j', async (q, names) => {
      expect(await found({ q })).toEqual(names);
    });

    test.each<[string, string[]]>([
      ['Cardiology', ['Clara']],
      ['cARDIOLOGY', ['Clara']],
      ['ästhetische medizin', ['Özlem']],
      ['Cardio', []],
      ['%', []],
    ])('the specialty "%s" finds %j', async (specialty, names) => {
      expect(await found({ specialty })).toEqual(names);
    });

    test('those of a specialty go by id, no further than the limit', async () => {
      const all: string[] = [];
      for (const specialty of ['Cardiology', 'cardiology', 'Dermatology', 'CARDIOLOGY']) {
        const { id } = await admitDoctor(opened(), { specialty });
        if (specialty !== 'Dermatology') all.push(id);
      }
      const { results } = await opened().doctorDirectory.list({ limit: 2, specialty: 'Cardiology' });
      expect(results.map(({ id }) => id)).toEqual(all.toSorted().slice(0, 2));
    });

    test('part and specialty hold together', async () => {
      expect(await found({ q: 'clara', specialty: 'Cardiology' })).toEqual(['Clara']);
      expect(await opened().doctorDirectory.list({ limit: 10, q: 'özlem', specialty: 'Cardiology' })).toEqual(
        { results: [], nextCursor: null },
      );
    });

    test('a specialty that has changed is found by its new name only', async () => {
      const { transactions, doctors, doctorDirectory } = opened();
      const doctor = await admitDoctor(opened(), { specialty: 'Cardiology' });
      await transactions.run(() => doctors.change(doctor.id, { specialty: 'Dermatology' }));
      expect((await doctorDirectory.list({ limit: 1, specialty: 'cardiology' })).results).toEqual([]);
      expect((await doctorDirectory.list({ limit: 1, specialty: 'dermatology' })).results).toHaveLength(1);
    });
  });
});
