import { ApiProperty } from '@nestjs/swagger';
import { InvalidRequest } from '#libs/kernel/errors.js';
import {
  BooleanField,
  EmailField,
  EnumField,
  OpaqueField,
  PasswordField,
  TextField,
} from '#libs/nest/fields.js';
import { GENDERS, OPEN_ROLES, ROLES, type Gender, type Role } from '../domain/user.js';
import { ACCESS_TTL } from '../ports.js';
import type { LoggedIn, LogInInput, TokenPair } from '../use-cases/log-in.js';
import type { Account } from '../use-cases/read-account.js';
import type { OpenAccountInput } from '../use-cases/open-account.js';

export class RegisterRequest {
  @EmailField({ example: 'ada.newman@example.org' })
  email: string;

  @PasswordField({
    description:
      'Any characters; surrounding space counts. Common ones, and your own name or email, are refused.',
    example: 'a tree in the wind',
  })
  password: string;

  @TextField({ max: 100, example: 'Ada' })
  first_name: string;

  @TextField({ max: 100, example: 'Newman' })
  last_name: string;

  @EnumField({ values: GENDERS, enumName: 'Gender', optional: true, nullable: true, example: 'female' })
  gender?: Gender | null;

  @BooleanField({
    optional: true,
    description: 'Exactly one of `is_doctor` and `is_patient` is true, unless `role` is given.',
  })
  is_doctor?: boolean;

  @BooleanField({ optional: true })
  is_patient?: boolean;

  @EnumField({
    values: OPEN_ROLES,
    enumName: 'OpenRole',
    optional: true,
    description: 'The same choice in one word. Given beside the flags, it must agree with them.',
    example: 'patient',
  })
  role?: (typeof OPEN_ROLES)[number];

  toInput(): OpenAccountInput {
    return {
      email: this.email,
      password: this.password,
      firstName: this.first_name,
      lastName: this.last_name,
      gender: this.gender ?? null,
      role: this.#chosenRole(),
    };
  }

  #chosenRole(): Role {
    const flagged = [
      ...(this.is_doctor ? ['doctor' as const] : []),
      ...(this.is_patient ? ['patient' as const] : []),
    ];
    const chosen = new Set([...flagged, ...(this.role ? [this.role] : [])]);
    const [role] = chosen;
    if (role === undefined)
      throw InvalidRequest.at('/role', 'required', 'is required: doctor or patient, or one of the flags');
    if (chosen.size > 1)
      throw InvalidRequest.at('/role', 'role', 'must be one: role, is_doctor and is_patient name two');
    return role;
  }
}

export class LogInRequest {
  @EmailField({ example: 'lena.fischer@demo.cybermed.example' })
  email: string;

  // Not judged as a new password is: an old rule may have let it in, and its form is no business of a guesser.
  @OpaqueField({ max: 128, example: 'demo-password' })
  password: string;

  @TextField({
    max: 100,
    optional: true,
    nullable: true,
    description: 'What the device calls itself; told in the list of your sessions.',
    example: 'Phone in the kitchen',
  })
  device_name?: string | null;

  @OpaqueField({
    max: 200,
    optional: true,
    description: 'The `device_token` of an earlier login: this device then has tries of its own.',
  })
  device_token?: string;

  toInput(): Omit<LogInInput, 'network'> {
    return {
      email: this.email,
      password: this.password,
      deviceName: this.device_name ?? null,
      deviceToken: this.device_token,
    };
  }
}

export class RefreshRequest {
  @OpaqueField({
    max: 200,
    description: 'The `refresh` of the last answer. It works once; a copy that comes later ends the session.',
  })
  refresh: string;
}

export class TokensResponse {
  @ApiProperty({ description: 'Goes into `Authorization: Bearer <access>`.' })
  access: string;

  @ApiProperty({ description: 'Exchanged once, at `/api/auth/login/refresh/`, for the next pair.' })
  refresh: string;

  @ApiProperty({ type: 'integer', description: 'Seconds until `access` expires.', example: ACCESS_TTL })
  expires_in: number;

  static of({ access, refresh }: TokenPair): TokensResponse {
    return { access, refresh, expires_in: ACCESS_TTL };
  }
}

export class LogInResponse extends TokensResponse {
  @ApiProperty({
    description:
      'Kept by the device and sent at its next login, so that nobody can use up its tries. Of no other use.',
  })
  device_token: string;

  static override of({ deviceToken, ...pair }: LoggedIn): LogInResponse {
    return { ...super.of(pair), device_token: deviceToken };
  }
}

export class UpdateAccountRequest {
  @TextField({ max: 100, optional: true, example: 'Lena' })
  first_name?: string;

  @TextField({ max: 100, optional: true })
  last_name?: string;

  @EnumField({ values: GENDERS, enumName: 'Gender', optional: true, nullable: true })
  gender?: Gender | null;

  toInput(): { firstName?: string; lastName?: string; gender?: Gender | null } {
    return {
      ...(this.first_name !== undefined && { firstName: this.first_name }),
      ...(this.last_name !== undefined && { lastName: this.last_name }),
      ...(this.gender !== undefined && { gender: this.gender }),
    };
  }
}

/** Where the photo of a user is read; null where there is none. */
export function photoPath({ id, photo }: { id: string; photo: string | null }): string | null {
  return photo === null ? null : `/api/users/${id}/photo/`;
}

export class UserResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'email' })
  email: string;

  @ApiProperty()
  first_name: string;

  @ApiProperty()
  last_name: string;

  @ApiProperty({ enum: GENDERS, enumName: 'Gender', nullable: true })
  gender: Gender | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Path of your photo.' })
  photo: string | null;

  @ApiProperty({ enum: ROLES, enumName: 'Role' })
  role: Role;

  @ApiProperty()
  is_doctor: boolean;

  @ApiProperty()
  is_patient: boolean;

  @ApiProperty({
    type: 'string',
    format: 'uuid',
    nullable: true,
    description: 'Id of the doctor profile, once filled in.',
  })
  doctor: string | null;

  @ApiProperty({
    type: 'string',
    format: 'uuid',
    nullable: true,
    description: 'Id of the patient profile, once filled in.',
  })
  patient: string | null;

  static of({ user, doctor, patient }: Account): UserResponse {
    return {
      id: user.id,
      email: user.email,
      first_name: user.firstName,
      last_name: user.lastName,
      gender: user.gender,
      photo: photoPath(user),
      role: user.role,
      is_doctor: user.role === 'doctor',
      is_patient: user.role === 'patient',
      doctor,
      patient,
    };
  }
}
