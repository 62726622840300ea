import { ApiProperty } from '@nestjs/swagger';
import { BooleanParameter, EnumField, TextField, toInstantText } from '#libs/nest/fields.js';
import { PageOf, PageQuery } from '#libs/nest/page.dto.js';
import { ConflictResponse } from '../../doctors/index.js';
import { ROLES } from '../../identity/index.js';
import type { Account } from '../domain/account.js';
import type { ChangedAccount } from '../use-cases/set-active.js';

export class AccountsQuery extends PageQuery {
  @EnumField({ values: ROLES, enumName: 'Role', optional: true })
  role?: Account['role'];

  @BooleanParameter({ description: 'Only those who may log in, or only those who may not.' })
  active?: boolean;

  @BooleanParameter({ description: 'Only doctors who are approved, or only doctors who are not.' })
  approved?: boolean;

  @TextField({ max: 100, optional: true, description: 'A part of the email or the name, in any case.' })
  q?: string;
}

export class AccountResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: 'string', format: 'email', nullable: true, description: 'Null once it is closed.' })
  email: string | null;

  @ApiProperty({ description: 'Empty once it is closed, but for a doctor.' })
  first_name: string;

  @ApiProperty({ description: 'Empty once it is closed, but for a doctor.' })
  last_name: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role' })
  role: Account['role'];

  @ApiProperty({ description: 'False: the person cannot log in, and nothing is booked with them.' })
  active: boolean;

  @ApiProperty({
    type: 'boolean',
    nullable: true,
    description: 'Whether patients may find and book the doctor; null for who is no doctor.',
  })
  approved: boolean | null;

  @ApiProperty({ type: 'string', format: 'uuid', nullable: true, description: 'Id of the doctor profile.' })
  doctor: string | null;

  @ApiProperty({ type: 'string', format: 'uuid', nullable: true, description: 'Id of the patient profile.' })
  patient: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  last_login_at: string | null;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'When its owner closed it: it stays deactivated.',
  })
  closed_at: string | null;

  static of(this: void, account: Account): AccountResponse {
    return {
      id: account.id,
      email: account.email,
      first_name: account.firstName,
      last_name: account.lastName,
      role: account.role,
      active: account.active,
      approved: account.approved,
      doctor: account.doctor,
      patient: account.patient,
      created_at: toInstantText(account.createdAt),
      last_login_at: account.lastLoginAt === null ? null : toInstantText(account.lastLoginAt),
      closed_at: account.closedAt === null ? null : toInstantText(account.closedAt),
    };
  }
}

export class ChangedAccountResponse extends AccountResponse {
  @ApiProperty({
    type: [ConflictResponse],
    description: "The person's first 100 conflicts after the change, by `starts_at`. None was cancelled.",
  })
  conflicts: ConflictResponse[];

  static ofChange({ account, conflicts }: ChangedAccount): ChangedAccountResponse {
    return { ...AccountResponse.of(account), conflicts: conflicts.map(ConflictResponse.of) };
  }
}

export class AccountsResponse extends PageOf(AccountResponse) {}
