import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { DryRunQuery } from '../../doctors/index.js';
import { AccountClosed, LastAdmin, Roles } from '../../identity/index.js';
import { NoDoctorProfile } from '../domain/errors.js';
import { Accounts } from '../ports.js';
import { EndSessionsOf } from '../use-cases/end-sessions-of.js';
import { SetActive } from '../use-cases/set-active.js';
import { SetApproval } from '../use-cases/set-approval.js';
import { AccountResponse, AccountsQuery, AccountsResponse, ChangedAccountResponse } from './accounts.dto.js';

/** The user of the demo's doctor Oliver. */
const EXAMPLE = '01900000-0000-7000-8000-000000000d84';

@ApiTags('Admin')
@Roles('admin')
@Controller('api/admin/users')
export class AccountsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly setActive: SetActive,
    private readonly setApproval: SetApproval,
    private readonly endSessionsOf: EndSessionsOf,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listUsers', summary: 'Find accounts' })
  @ApiOkResponse({ type: AccountsResponse })
  async list(@Query() query: AccountsQuery): Promise<AccountsResponse> {
    return AccountsResponse.of(await this.accounts.list(query), AccountResponse.of);
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getUser', summary: 'Read an account' })
  @ApiIdParam(EXAMPLE)
  @ApiOkResponse({ type: AccountResponse })
  @Problems(NotFound.problem)
  async read(@Param('id', IdPath) id: string): Promise<AccountResponse> {
    const account = await this.accounts.find(id);
    if (account === undefined) throw new NotFound('user');
    return AccountResponse.of(account);
  }

  @Post(':id/activate')
  @HttpCode(200)
  @ApiOperation({ operationId: 'activateUser', summary: 'Let a deactivated person in again' })
  @ApiIdParam(EXAMPLE)
  @ApiOkResponse({ type: ChangedAccountResponse })
  @Problems(NotFound.problem, AccountClosed.problem)
  activate(@Param('id', IdPath) id: string, @Query() query: DryRunQuery): Promise<ChangedAccountResponse> {
    return this.#active(id, true, query);
  }

  @Post(':id/deactivate')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'deactivateUser',
    summary: 'Shut a person out, from their next request on',
    description:
      'All their sessions end and nothing is booked with them. What is booked stays, and is answered as `conflicts`.',
  })
  @ApiIdParam(EXAMPLE)
  @ApiOkResponse({ type: ChangedAccountResponse })
  @Problems(NotFound.problem, LastAdmin.problem)
  deactivate(@Param('id', IdPath) id: string, @Query() query: DryRunQuery): Promise<ChangedAccountResponse> {
    return this.#active(id, false, query);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @ApiOperation({ operationId: 'approveDoctor', summary: 'Let patients find and book a doctor' })
  @ApiIdParam(EXAMPLE)
  @ApiOkResponse({ type: ChangedAccountResponse })
  @Problems(NotFound.problem, AccountClosed.problem, NoDoctorProfile.problem)
  approve(@Param('id', IdPath) id: string, @Query() query: DryRunQuery): Promise<ChangedAccountResponse> {
    return this.#approved(id, true, query);
  }

  @Post(':id/withdraw-approval')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'withdrawApproval',
    summary: 'Let patients no longer find and book a doctor',
    description: 'What is booked stays, and is answered as `conflicts`.',
  })
  @ApiIdParam(EXAMPLE)
  @ApiOkResponse({ type: ChangedAccountResponse })
  @Problems(NotFound.problem, AccountClosed.problem, NoDoctorProfile.problem)
  withdraw(@Param('id', IdPath) id: string, @Query() query: DryRunQuery): Promise<ChangedAccountResponse> {
    return this.#approved(id, false, query);
  }

  @Post(':id/end-sessions')
  @HttpCode(204)
  @ApiOperation({ operationId: 'endSessionsOfUser', summary: 'Sign a person out everywhere' })
  @ApiIdParam(EXAMPLE)
  @ApiNoContentResponse()
  @Problems(NotFound.problem)
  async endSessions(@Param('id', IdPath) id: string): Promise<void> {
    await this.endSessionsOf.execute(id);
  }

  async #active(userId: string, active: boolean, query: DryRunQuery): Promise<ChangedAccountResponse> {
    const changed = await this.setActive.execute({ userId, active, dryRun: query.dry_run });
    return ChangedAccountResponse.ofChange(changed);
  }

  async #approved(userId: string, approved: boolean, query: DryRunQuery): Promise<ChangedAccountResponse> {
    const changed = await this.setApproval.execute({ userId, approved, dryRun: query.dry_run });
    return ChangedAccountResponse.ofChange(changed);
  }
}
