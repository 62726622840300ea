import { ApiProperty } from '@nestjs/swagger';
import { DateField, EmailField, EnumField, PhoneField, TextField } from '#libs/nest/fields.js';
import { GENDERS, type Gender, type User } from '../../identity/index.js';
import type { Patient } from '../domain/patient.js';
import type { AdmitPatientInput } from '../use-cases/admit-patient.js';
import { latestToday } from './patients.dto.js';

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
