import { ApiProperty } from '@nestjs/swagger';
import { DAY } from '#libs/kernel/clock.js';
import { DateField, EmailField, EnumField, PhoneField, TextField } from '#libs/nest/fields.js';
import { PageOf, PageQuery } from '#libs/nest/page.dto.js';
import { GENDERS, photoPath, type Gender, type User } from '../../identity/index.js';
import type { Patient, PatientCard, PatientName } from '../domain/patient.js';
import type { AdmitPatientInput } from '../use-cases/admit-patient.js';
import type { PatientProfileInput } from '../use-cases/update-patient-profile.js';

/** The latest date that is today somewhere: east of Greenwich the day begins earlier than UTC's. */
function latestToday(): string {
  return new Date(Date.now() + DAY).toISOString().slice(0, 10);
}

/**
 * A new profile needs `date_of_birth`, `address`, `emergency_contact_name` and `emergency_contact_phone`; a change,
 * only what changes.
 */
export class PatientProfileRequest {
  @DateField({
    min: '1900-01-01',
    max: latestToday,
    optional: true,
    description: 'Required in a new profile.',
    example: '1990-05-17',
  })
  date_of_birth?: string;

  @TextField({
    max: 500,
    multiline: true,
    optional: true,
    description: 'Required in a new profile.',
    example: 'Turmstraße 21, 10559 Berlin',
  })
  address?: string;

  @TextField({ max: 200, optional: true, description: 'Required in a new profile.', example: 'Noa Newman' })
  emergency_contact_name?: string;

  @PhoneField({ optional: true, description: 'Required in a new profile.', example: '+49 30 901820' })
  emergency_contact_phone?: string;

  @PhoneField({ optional: true, nullable: true, example: '+49 30 901820' })
  phone_number?: string | null;

  @TextField({
    max: 10_000,
    multiline: true,
    optional: true,
    nullable: true,
    example: 'Appendectomy in 2011',
  })
  medical_history?: string | null;

  @TextField({ max: 2000, multiline: true, optional: true, nullable: true, example: 'Penicillin' })
  allergies?: string | null;

  toInput(): PatientProfileInput['change'] {
    return {
      dateOfBirth: this.date_of_birth,
      address: this.address,
      emergencyContactName: this.emergency_contact_name,
      emergencyContactPhone: this.emergency_contact_phone,
      phoneNumber: this.phone_number,
      medicalHistory: this.medical_history,
      allergies: this.allergies,
    };
  }
}

class PatientDetailsResponse {
  @ApiProperty({ format: 'date', example: '1990-05-17' })
  date_of_birth: string;

  @ApiProperty({ type: 'string', nullable: true, example: '+49 30 901820' })
  phone_number: string | null;

  @ApiProperty({ example: 'Turmstraße 21, 10559 Berlin' })
  address: string;

  @ApiProperty({ example: 'Noa Newman' })
  emergency_contact_name: string;

  @ApiProperty({ example: '+49 30 901820' })
  emergency_contact_phone: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'Null too where you may not see it.' })
  medical_history: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Null too where you may not see it.' })
  allergies: string | null;
}

function detailsOf(patient: Patient) {
  return {
    date_of_birth: patient.dateOfBirth,
    phone_number: patient.phoneNumber,
    address: patient.address,
    emergency_contact_name: patient.emergencyContactName,
    emergency_contact_phone: patient.emergencyContactPhone,
    medical_history: patient.medicalHistory,
    allergies: patient.allergies,
  } satisfies PatientDetailsResponse;
}

export class PatientProfileResponse extends PatientDetailsResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the user whose profile it is.' })
  user: string;

  static of(patient: Patient): PatientProfileResponse {
    return { id: patient.id, user: patient.userId, ...detailsOf(patient) };
  }
}

const GONE = 'Null where the patient has closed the account.';

export class PatientCardResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: 'string', nullable: true, description: GONE })
  first_name: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: GONE })
  last_name: string | null;

  @ApiProperty({ format: 'date', example: '1990-05-17' })
  date_of_birth: string;

  @ApiProperty({ type: 'string', nullable: true, example: '+49 30 901820' })
  phone_number: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: GONE, example: 'Turmstraße 21, 10559 Berlin' })
  address: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: GONE, example: 'Noa Newman' })
  emergency_contact_name: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: GONE, example: '+49 30 901820' })
  emergency_contact_phone: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Null too where you may not see it.' })
  medical_history: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Null too where you may not see it.' })
  allergies: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Path of the photo.' })
  photo: string | null;

  static of(card: PatientCard): PatientCardResponse {
    const whole = {
      id: card.id,
      first_name: card.firstName,
      last_name: card.lastName,
      photo: photoPath({ id: card.userId, photo: card.photo }),
      ...detailsOf(card),
    };
    if (!card.closed) return whole;
    const contact = { address: null, emergency_contact_name: null, emergency_contact_phone: null };
    return { ...whole, ...contact, first_name: null, last_name: null, phone_number: null };
  }
}

export class PatientsQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'A part of the name, in any case.' })
  q?: string;
}

export class PatientResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  first_name: string;

  @ApiProperty()
  last_name: string;

  @ApiProperty({ format: 'date', example: '1990-05-17' })
  date_of_birth: string;

  static of(this: void, patient: PatientName): PatientResponse {
    return {
      id: patient.id,
      first_name: patient.firstName,
      last_name: patient.lastName,
      date_of_birth: patient.dateOfBirth,
    };
  }
}

export class PatientsResponse extends PageOf(PatientResponse) {}

/** What is known at the desk. Medical fields are the patient's own to fill in. */
export class AdmitPatientRequest {
  @EmailField({ example: 'otto.brandt@example.org' })
  email: string;

  @TextField({ max: 100, example: 'Otto' })
  first_name: string;

  @TextField({ max: 100, example: 'Brandt' })
  last_name: string;

  @EnumField({ values: GENDERS, enumName: 'Gender', optional: true, nullable: true, example: 'male' })
  gender?: Gender | null;

  @DateField({ min: '1900-01-01', max: latestToday, example: '1951-09-30' })
  date_of_birth: string;

  @TextField({ max: 500, multiline: true, example: 'Kastanienallee 12, 10435 Berlin' })
  address: string;

  @TextField({ max: 200, example: 'Marta Brandt' })
  emergency_contact_name: string;

  @PhoneField({ example: '+49 30 901820' })
  emergency_contact_phone: string;

  @PhoneField({ optional: true, nullable: true, example: '+49 30 901820' })
  phone_number?: string | null;

  toInput(): AdmitPatientInput {
    return {
      account: {
        email: this.email,
        firstName: this.first_name,
        lastName: this.last_name,
        gender: this.gender ?? null,
      },
      details: {
        dateOfBirth: this.date_of_birth,
        address: this.address,
        emergencyContactName: this.emergency_contact_name,
        emergencyContactPhone: this.emergency_contact_phone,
        phoneNumber: this.phone_number ?? null,
      },
    };
  }
}

export class AdmittedPatientResponse {
  @ApiProperty({ format: 'uuid', description: 'Id of the patient profile: what appointments name.' })
  id: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the user whose profile it is.' })
  user: string;

  @ApiProperty({ format: 'email' })
  email: string;

  @ApiProperty()
  first_name: string;

  @ApiProperty()
  last_name: string;

  @ApiProperty({ enum: GENDERS, enumName: 'Gender', nullable: true })
  gender: Gender | null;

  @ApiProperty({ format: 'date', example: '1951-09-30' })
  date_of_birth: string;

  @ApiProperty({ type: 'string', nullable: true, example: '+49 30 901820' })
  phone_number: string | null;

  @ApiProperty()
  address: string;

  @ApiProperty()
  emergency_contact_name: string;

  @ApiProperty({ example: '+49 30 901820' })
  emergency_contact_phone: string;

  static of({ user, patient }: { user: User; patient: Patient }): AdmittedPatientResponse {
    return {
      id: patient.id,
      user: user.id,
      email: user.email,
      first_name: user.firstName,
      last_name: user.lastName,
      gender: user.gender,
      date_of_birth: patient.dateOfBirth,
      phone_number: patient.phoneNumber,
      address: patient.address,
      emergency_contact_name: patient.emergencyContactName,
      emergency_contact_phone: patient.emergencyContactPhone,
    };
  }
}
