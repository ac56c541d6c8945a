/** Invitations to events in mail, and the answers to them: our own Email/invitation, Email/answerInvitation … */
import type { Pipeline } from './pipeline.ts';
import type { BodyPart, Email, Id, UtcDate } from './types.ts';

export type InvitationReply = 'accepted' | 'tentative' | 'declined';

export interface Moment {
  /** As the calendar writes it: a day, or a time without its zone. */
  written: string;
  zone: string;
  /** Null where nobody can tell. */
  utc: UtcDate | null;
}

export interface Participant {
  email: string;
  name: string;
  status: InvitationReply | 'needs-action' | 'delegated';
}

/** Another event that the person comes to, or may come to. */
export interface Engagement {
  title: string;
  start: UtcDate;
  end: UtcDate;
  answer: InvitationReply;
}

export interface Invitation {
  method: 'request' | 'cancel' | 'reply' | 'counter' | 'refresh' | 'declinecounter' | 'other';
  title: string;
  location: string;
  description: string;
  comment: string;
  start: Moment | null;
  end: Moment | null;
  isRepeating: boolean;
  isOneOfSeries: boolean;
  isCancelled: boolean;
  isNewest: boolean;
  isFromOrganizer: boolean;
  mayAnswer: boolean;
  mayPropose: boolean;
  mayRefresh: boolean;
  organizer: Participant | null;
  participants: Participant[];
  me: string;
  answer: '' | InvitationReply;
  answeredOlder: boolean;
  answeredAt: UtcDate | null;
  /** The start that was proposed instead. */
  proposed: UtcDate | null;
  note: string;
  /** Within a day before and after. */
  close: Engagement[];
}

interface Told {
  invitation: Invitation | null;
}

const TYPES: readonly string[] = ['text/calendar', 'application/ics'];

export const isCalendar = (part: Pick<BodyPart, 'type'>): boolean => TYPES.includes(part.type);

/** Whether it is worth to ask the server. */
export const hasCalendar = (email: Pick<Email, 'attachments'>): boolean => (email.attachments ?? []).some(isCalendar);

export async function invitationOf(pipeline: Pipeline, id: Id): Promise<Invitation | null> {
  return (await pipeline.send<Told>('Email/invitation', { id }).result).invitation;
}

export async function answerInvitation(
  pipeline: Pipeline,
  id: Id,
  answer: InvitationReply,
  note: string,
): Promise<Invitation | null> {
  return (await pipeline.send<Told>('Email/answerInvitation', { id, answer, note }).result).invitation;
}

/** Another time, told to the organiser. */
export async function proposeTime(
  pipeline: Pipeline,
  id: Id,
  start: UtcDate,
  end: UtcDate,
  note: string,
): Promise<Invitation | null> {
  return (await pipeline.send<Told>('Email/proposeInvitation', { id, start, end, note }).result).invitation;
}

/** Asks the organiser for the event as it is now. */
export async function askAgain(pipeline: Pipeline, id: Id, note: string): Promise<Invitation | null> {
  return (await pipeline.send<Told>('Email/refreshInvitation', { id, note }).result).invitation;
}
