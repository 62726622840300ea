import { ApiProperty } from '@nestjs/swagger';
import { IntegerField, PhoneField, TextField, ZoneField } from '#libs/nest/fields.js';
import { photoPath } from '../../identity/index.js';
import { PageOf, PageQuery } from '#libs/nest/page.dto.js';
import type { Doctor, DoctorCard } from '../domain/doctor.js';
import type { ChangedDoctorProfile, DoctorProfileInput } from '../use-cases/update-doctor-profile.js';
import { ConflictResponse, ConflictsProperty } from './conflicts.dto.js';

/** A new profile needs `specialty`, `phone_number` and `experience_years`; a change, only what changes. */
export class DoctorProfileRequest {
  @TextField({ max: 100, optional: true, description: 'Required in a new profile.', example: 'Cardiology' })
  specialty?: string;

  @PhoneField({ optional: true, description: 'Required in a new profile.', example: '+49 30 901820' })
  phone_number?: string;

  @IntegerField({ min: 0, max: 80, optional: true, description: 'Required in a new profile.', example: 12 })
  experience_years?: number;

  @TextField({
    max: 1000,
    multiline: true,
    optional: true,
    nullable: true,
    example: 'MD, board-certified cardiologist',
  })
  qualifications?: string | null;

  @TextField({ max: 200, optional: true, nullable: true, example: 'Charité Berlin' })
  hospital_affiliation?: string | null;

  @ZoneField({
    optional: true,
    nullable: true,
    description:
      "The zone of the doctor's hours, an IANA name. Absent from a new profile, or null: the clinic's.",
    example: 'Europe/Berlin',
  })
  time_zone?: string | null;

  toInput(): DoctorProfileInput['change'] {
    return {
      specialty: this.specialty,
      phoneNumber: this.phone_number,
      experienceYears: this.experience_years,
      qualifications: this.qualifications,
      hospitalAffiliation: this.hospital_affiliation,
      timeZone: this.time_zone,
    };
  }
}

export class DoctorProfileResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the user whose profile it is.' })
  user: string;

  @ApiProperty({ example: 'Cardiology' })
  specialty: string;

  @ApiProperty({ example: '+49 30 901820' })
  phone_number: string;

  @ApiProperty({ type: 'integer', example: 12 })
  experience_years: number;

  @ApiProperty({ type: 'string', nullable: true })
  qualifications: string | null;

  @ApiProperty({ type: 'string', nullable: true })
  hospital_affiliation: string | null;

  @ApiProperty({ description: "The zone of the doctor's hours, an IANA name.", example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty({ description: 'Whether patients may find and book you.' })
  approved: boolean;

  static of(doctor: Doctor): DoctorProfileResponse {
    return {
      id: doctor.id,
      user: doctor.userId,
      specialty: doctor.specialty,
      phone_number: doctor.phoneNumber,
      experience_years: doctor.experienceYears,
      qualifications: doctor.qualifications,
      hospital_affiliation: doctor.hospitalAffiliation,
      time_zone: doctor.timeZone,
      approved: doctor.approvedAt !== null,
    };
  }
}

export class ChangedDoctorProfileResponse extends DoctorProfileResponse {
  @ConflictsProperty()
  conflicts: ConflictResponse[];

  static ofChange({ doctor, conflicts }: ChangedDoctorProfile): ChangedDoctorProfileResponse {
    return { ...DoctorProfileResponse.of(doctor), conflicts: conflicts.map(ConflictResponse.of) };
  }
}

export class DoctorsQuery extends PageQuery {
  @TextField({
    max: 100,
    optional: true,
    description: 'The whole specialty, in any case.',
    example: 'Cardiology',
  })
  specialty?: string;

  @TextField({
    max: 100,
    optional: true,
    description: 'A part of the name, the specialty or the hospital, in any case.',
  })
  q?: string;
}

export class DoctorResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  first_name: string;

  @ApiProperty()
  last_name: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'Path of the photo.' })
  photo: string | null;

  @ApiProperty({ example: 'Cardiology' })
  specialty: string;

  @ApiProperty({ type: 'string', nullable: true })
  qualifications: string | null;

  @ApiProperty({ type: 'string', nullable: true })
  hospital_affiliation: string | null;

  @ApiProperty({ type: 'integer', example: 12 })
  experience_years: number;

  @ApiProperty({ description: "The zone of the doctor's hours, an IANA name.", example: 'Europe/Berlin' })
  time_zone: string;

  static of(this: void, doctor: DoctorCard): DoctorResponse {
    return {
      id: doctor.id,
      first_name: doctor.firstName,
      last_name: doctor.lastName,
      photo: photoPath({ id: doctor.userId, photo: doctor.photo }),
      specialty: doctor.specialty,
      qualifications: doctor.qualifications,
      hospital_affiliation: doctor.hospitalAffiliation,
      experience_years: doctor.experienceYears,
      time_zone: doctor.timeZone,
    };
  }
}

export class DoctorsResponse extends PageOf(DoctorResponse) {}
