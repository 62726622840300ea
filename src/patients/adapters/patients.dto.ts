import { ApiProperty } from '@nestjs/swagger';
import { DAY } from '#libs/kernel/clock.js';
import type { Page } from '#libs/kernel/page.js';
import { DateField, PhoneField, TextField } from '#libs/nest/fields.js';
import { PageQuery } from '#libs/nest/page.dto.js';
import type { Patient, PatientCard, PatientName } from '../domain/patient.js';
import type { PatientProfileInput } from '../use-cases/update-patient-profile.js';

/** The latest date that is today somewhere: east of Greenwich the day begins earlier than UTC's. */
export function latestToday(): string {
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

export class PatientCardResponse extends PatientDetailsResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  first_name: string;

  @ApiProperty()
  last_name: string;

  static of(card: PatientCard): PatientCardResponse {
    return { id: card.id, first_name: card.firstName, last_name: card.lastName, ...detailsOf(card) };
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

export class PatientsResponse {
  @ApiProperty({ type: [PatientResponse] })
  results: PatientResponse[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: '`cursor` of the next page; null on the last.',
  })
  next_cursor: string | null;

  static of({ results, nextCursor }: Page<PatientName>): PatientsResponse {
    return { results: results.map(PatientResponse.of), next_cursor: nextCursor };
  }
}
