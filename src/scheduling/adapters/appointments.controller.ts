import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Forbidden, NotFound } from '#libs/kernel/errors.js';
import { ApiIdempotencyKey, ETAG } from '#libs/nest/conditional-request.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, Roles, SignedIn, type Actor } from '../../identity/index.js';
import {
  KeyReused,
  ProfileRequired,
  ProposalLimit,
  RequestInFlight,
  TooLateToChange,
} from '../domain/errors.js';
import { REFUSAL_PROBLEMS } from '../domain/refusals.js';
import type { KeyedRequest } from '../ports.js';
import type { ActionInput } from '../use-cases/act-on-appointment.js';
import { BookAppointment } from '../use-cases/book-appointment.js';
import { CancelAppointment } from '../use-cases/cancel-appointment.js';
import { CheckInAppointment } from '../use-cases/check-in-appointment.js';
import { CompleteAppointment } from '../use-cases/complete-appointment.js';
import { ConfirmAppointment } from '../use-cases/confirm-appointment.js';
import { ListAppointments } from '../use-cases/list-appointments.js';
import { MissAppointment } from '../use-cases/miss-appointment.js';
import { ReadAppointment } from '../use-cases/read-appointment.js';
import { RescheduleAppointment } from '../use-cases/reschedule-appointment.js';
import { ActionOn, ActionRoute, answerWith, Once } from './action-route.js';
import {
  AppointmentResponse,
  AppointmentsPage,
  AppointmentsQuery,
  BookAppointmentRequest,
  HistoryLineResponse,
  HistoryResponse,
  ReasonRequest,
  RescheduleAppointmentRequest,
} from './appointments.dto.js';

@ApiTags('Appointments')
@Controller('api/appointments')
export class AppointmentsController {
  constructor(
    private readonly bookAppointment: BookAppointment,
    private readonly confirmAppointment: ConfirmAppointment,
    private readonly cancelAppointment: CancelAppointment,
    private readonly rescheduleAppointment: RescheduleAppointment,
    private readonly checkInAppointment: CheckInAppointment,
    private readonly completeAppointment: CompleteAppointment,
    private readonly missAppointment: MissAppointment,
    private readonly listAppointments: ListAppointments,
    private readonly readAppointment: ReadAppointment,
  ) {}

  @Get()
  @SignedIn()
  @ApiOperation({ operationId: 'listAppointments', summary: 'List your own appointments (an admin: all)' })
  @ApiOkResponse({ type: AppointmentsPage })
  async list(@CurrentActor() actor: Actor, @Query() query: AppointmentsQuery): Promise<AppointmentsPage> {
    return AppointmentsPage.of(
      await this.listAppointments.execute(actor, query.toFilter()),
      AppointmentResponse.of,
    );
  }

  @Post()
  @SignedIn()
  @ApiOperation({
    operationId: 'bookAppointment',
    summary: 'Book as a patient, or schedule as a doctor or an admin',
  })
  @ApiCreatedResponse({
    type: AppointmentResponse,
    headers: { ...ETAG, Location: { description: 'Path of the appointment.', schema: { type: 'string' } } },
  })
  @ApiIdempotencyKey()
  @BodyExamples(BookAppointmentRequest, {
    'A patient books': {
      doctor: '01900000-0000-7000-8000-0000000000d1',
      date: '2030-01-07',
      time: '09:00',
      reason_for_visit: 'Palpitations when climbing stairs',
    },
    'A doctor schedules': {
      patient: '01900000-0000-7000-8000-0000000000c2',
      date: '2030-01-07',
      time: '18:15',
      duration_minutes: 45,
    },
    'An admin schedules': {
      doctor: '01900000-0000-7000-8000-0000000000d2',
      patient: '01900000-0000-7000-8000-0000000000c3',
      date: '2030-01-07',
      time: '08:00',
      exemption_reason: 'Dr Whitfield agreed by phone',
    },
  })
  @Problems(
    Forbidden.problem,
    NotFound.problem,
    ProfileRequired.problem,
    ProposalLimit.problem,
    KeyReused.problem,
    RequestInFlight.problem,
    ...REFUSAL_PROBLEMS,
  )
  async book(
    @CurrentActor() actor: Actor,
    @Once() once: KeyedRequest | undefined,
    @Body() body: BookAppointmentRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    const answer = await this.bookAppointment.execute({ ...body.toInput(actor), once });
    void reply.header('Location', `/api/appointments/${answer.view.appointment.id}/`);
    return answerWith(reply, answer);
  }

  @Get(':id')
  @SignedIn()
  @ApiOperation({ operationId: 'getAppointment', summary: 'Read one appointment' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000f1')
  @ApiOkResponse({ type: AppointmentResponse, headers: ETAG })
  @Problems(NotFound.problem)
  async read(
    @CurrentActor() actor: Actor,
    @Param('id', IdPath) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    const view = await this.readAppointment.execute(actor, id);
    return answerWith(reply, { view, status: 200, replayed: false });
  }

  @Get(':id/history')
  @SignedIn()
  @ApiOperation({ operationId: 'getAppointmentHistory', summary: 'Read what happened to an appointment' })
  @ApiIdParam('01900000-0000-7000-8000-0000000000f1')
  @ApiOkResponse({ type: HistoryResponse })
  @Problems(NotFound.problem)
  async history(@CurrentActor() actor: Actor, @Param('id', IdPath) id: string): Promise<HistoryResponse> {
    const lines = await this.readAppointment.history(actor, id);
    return { results: lines.map(HistoryLineResponse.of) };
  }

  @Post(':id/confirm')
  @SignedIn()
  @ActionRoute(
    'confirmAppointment',
    'Agree, as the awaited side; an admin gives a reason',
    '01900000-0000-7000-8000-0000000000f3',
  )
  @BodyExamples(
    ReasonRequest,
    { 'The doctor': {}, 'An admin': { reason: 'The doctor agreed by phone' } },
    false,
  )
  async confirm(
    @ActionOn() action: ActionInput,
    @Body() { reason = null }: ReasonRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    return answerWith(reply, await this.confirmAppointment.execute({ ...action, reason }));
  }

  @Post(':id/cancel')
  @SignedIn()
  @ActionRoute(
    'cancelAppointment',
    'Cancel an appointment and free its time',
    '01900000-0000-7000-8000-0000000000f2',
  )
  @BodyExamples(ReasonRequest, { 'With a reason': { reason: 'On holiday' }, 'Without a word': {} }, false)
  async cancel(
    @ActionOn() action: ActionInput,
    @Body() { reason = null }: ReasonRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    return answerWith(reply, await this.cancelAppointment.execute({ ...action, reason }));
  }

  @Post(':id/reschedule')
  @SignedIn()
  @ActionRoute(
    'rescheduleAppointment',
    {
      summary: 'Move an appointment to another time, visit type or length; to its own ones changes nothing',
      description:
        'A move to the time, visit type and length that it has, where the rules of now allow it, answers the appointment as it is: no line is added to the history, and its `reason` is not kept.',
    },
    '01900000-0000-7000-8000-0000000000f2',
    TooLateToChange.problem,
    ...REFUSAL_PROBLEMS,
  )
  @BodyExamples(RescheduleAppointmentRequest, {
    'A patient': { date: '2030-01-07', time: '11:30', reason: 'I have to work in the morning' },
    'The doctor': { date: '2030-01-07', time: '18:30', duration_minutes: 45 },
    'An admin': {
      date: '2030-01-07',
      time: '08:00',
      reason: 'Asked by phone',
      exemption_reason: 'Dr Sommer agreed to come early',
    },
  })
  async reschedule(
    @ActionOn() action: ActionInput,
    @Body() body: RescheduleAppointmentRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    const input = { ...action, ...body.toChoice(), reason: body.reason ?? null };
    return answerWith(reply, await this.rescheduleAppointment.execute(input));
  }

  @Post(':id/check-in')
  @Roles('doctor', 'admin')
  @ActionRoute(
    'checkInAppointment',
    'Say that the patient has come, on the day of the visit',
    '01900000-0000-7000-8000-0000000000fd',
  )
  async checkIn(
    @ActionOn() action: ActionInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    return answerWith(reply, await this.checkInAppointment.execute(action));
  }

  @Post(':id/complete')
  @Roles('doctor', 'admin')
  @ActionRoute('completeAppointment', 'Say that the visit took place', '01900000-0000-7000-8000-0000000000f4')
  async complete(
    @ActionOn() action: ActionInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    return answerWith(reply, await this.completeAppointment.execute(action));
  }

  @Post(':id/no-show')
  @Roles('doctor', 'admin')
  @ActionRoute('missAppointment', 'Say that the patient did not come', '01900000-0000-7000-8000-0000000000fe')
  async noShow(
    @ActionOn() action: ActionInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AppointmentResponse> {
    return answerWith(reply, await this.missAppointment.execute(action));
  }
}
