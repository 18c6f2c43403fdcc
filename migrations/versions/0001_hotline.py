"""The hotline: people, customers, rosters, calls, tickets, pages"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence('ticket_number', start=1042)))
    op.create_table('blocked_number',
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_blocked_number'))
    )
    op.create_table('customer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    sa.UniqueConstraint('name', name=op.f('uq_customer_name'))
    )
    op.create_table('incoming_text',
    sa.Column('provider_sid', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('provider_sid', name=op.f('pk_incoming_text'))
    )
    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('pin_digest', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("role IN ('technician', 'team_leader', 'support_manager', 'executive')", name=op.f('ck_person_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('name', name=op.f('uq_person_name')),
    sa.UniqueConstraint('phone', name=op.f('uq_person_phone'))
    )
    op.create_table('region',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('time_zone', sa.String(), nullable=False),
    sa.Column('office_number', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_region'))
    )
    op.create_table('roster',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('time_zone', sa.String(), nullable=False),
    sa.Column('regions', sa.ARRAY(sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster')),
    sa.UniqueConstraint('name', name=op.f('uq_roster_name'))
    )
    op.create_table('setting',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_setting'))
    )
    op.create_table('alarm_token',
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_alarm_token_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_alarm_token'))
    )
    op.create_index(op.f('ix_alarm_token_customer_id'), 'alarm_token', ['customer_id'], unique=False)
    op.create_table('contract',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('plan', sa.String(), nullable=False),
    sa.Column('region_name', sa.String(), nullable=False),
    sa.Column('start_date', sa.Date(), nullable=False),
    sa.Column('end_date', sa.Date(), nullable=False),
    sa.Column('paid', sa.Boolean(), nullable=False),
    sa.CheckConstraint("plan IN ('basic', 'gold', 'platinum')", name=op.f('ck_contract_plan')),
    sa.CheckConstraint('start_date <= end_date', name=op.f('ck_contract_dates')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_contract_customer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['region_name'], ['region.name'], name=op.f('fk_contract_region_name')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract'))
    )
    op.create_index(op.f('ix_contract_customer_id'), 'contract', ['customer_id'], unique=False)
    op.create_table('customer_phone',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_customer_phone_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('customer_id', 'number', name=op.f('pk_customer_phone'))
    )
    op.create_index(op.f('ix_customer_phone_number'), 'customer_phone', ['number'], unique=False)
    op.create_table('roster_layer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('roster_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('duty_hours', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['roster_id'], ['roster.id'], name=op.f('fk_roster_layer_roster_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_layer')),
    sa.UniqueConstraint('roster_id', 'name', name=op.f('uq_roster_layer_roster_id_name'))
    )
    op.create_table('pin',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('blind_index', sa.LargeBinary(), nullable=False),
    sa.Column('keyed_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_pin_contract_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pin'))
    )
    op.create_index(op.f('ix_pin_contract_id'), 'pin', ['contract_id'], unique=False)
    op.create_index('uq_pin_blind_index_in_force', 'pin', ['blind_index'], unique=True, postgresql_where='revoked_at IS NULL')
    op.create_table('product',
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('end_of_life', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_product_contract_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('contract_id', 'name', name=op.f('pk_product'))
    )
    op.create_table('roster_override',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('layer_id', sa.Integer(), nullable=False),
    sa.Column('span', postgresql.TSTZRANGE(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(), server_default=sa.text("''"), nullable=False),
    postgresql.ExcludeConstraint((sa.text("int4range(layer_id, layer_id, '[]')"), '&&'), (sa.column('span'), '&&'), using='gist', name='ex_roster_override_overlap'),
    sa.CheckConstraint('NOT isempty(span)', name=op.f('ck_roster_override_span')),
    sa.ForeignKeyConstraint(['layer_id'], ['roster_layer.id'], name=op.f('fk_roster_override_layer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_roster_override_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_override'))
    )
    op.create_index('ix_roster_override_layer_id', 'roster_override', ['layer_id'], unique=False)
    op.create_table('roster_rotation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('layer_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('starts', sa.DateTime(), nullable=False),
    sa.Column('every_n', sa.Integer(), nullable=False),
    sa.Column('every_unit', sa.String(), nullable=False),
    sa.Column('until', sa.DateTime(), nullable=True),
    sa.CheckConstraint("every_unit IN ('hours', 'days', 'weeks', 'months')", name=op.f('ck_roster_rotation_every_unit')),
    sa.CheckConstraint('every_n > 0', name=op.f('ck_roster_rotation_every_n')),
    sa.ForeignKeyConstraint(['layer_id'], ['roster_layer.id'], name=op.f('fk_roster_rotation_layer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_rotation'))
    )
    op.create_index(op.f('ix_roster_rotation_layer_id'), 'roster_rotation', ['layer_id'], unique=False)
    op.create_table('ticket',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), server_default=sa.text("nextval('ticket_number')"), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('priority', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('caller_number', sa.String(), nullable=True),
    sa.Column('callback_number', sa.String(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(closed_at IS NULL) = (state <> 'closed')", name=op.f('ck_ticket_closed')),
    sa.CheckConstraint("priority IN ('P1', 'P2', 'P3', 'P4')", name=op.f('ck_ticket_priority')),
    sa.CheckConstraint("state IN ('open', 'taken', 'closed')", name=op.f('ck_ticket_state')),
    sa.ForeignKeyConstraint(['assignee_id'], ['person.id'], name=op.f('fk_ticket_assignee_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_ticket_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_ticket_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('number', name=op.f('uq_ticket_number')),
    sa.UniqueConstraint('origin', name=op.f('uq_ticket_origin'))
    )
    op.create_index(op.f('ix_ticket_customer_id'), 'ticket', ['customer_id'], unique=False)
    op.create_index('ix_ticket_open', 'ticket', ['customer_id', 'opened_at'], unique=False, postgresql_where="state <> 'closed'")
    op.create_table('intervention',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.CheckConstraint('ended_at IS NULL OR ended_at >= started_at', name=op.f('ck_intervention_order')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_intervention_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_intervention_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intervention')),
    sa.UniqueConstraint('key', name=op.f('uq_intervention_key'))
    )
    op.create_index(op.f('ix_intervention_ticket_id'), 'intervention', ['ticket_id'], unique=False)
    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('provider_sid', sa.String(), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("channel IN ('text', 'mail')", name=op.f('ck_message_channel')),
    sa.CheckConstraint("state IN ('queued', 'sending', 'accepted', 'sent', 'delivered', 'undelivered', 'failed')", name=op.f('ck_message_state')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_message_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_message_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('key', name=op.f('uq_message_key')),
    sa.UniqueConstraint('provider_sid', name=op.f('uq_message_provider_sid'))
    )
    op.create_index(op.f('ix_message_recipient'), 'message', ['recipient'], unique=False)
    op.create_index(op.f('ix_message_ticket_id'), 'message', ['ticket_id'], unique=False)
    op.create_index('ix_message_unsent', 'message', ['created_at'], unique=False, postgresql_where="state IN ('queued', 'sending')")
    op.create_table('page',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('first_person_id', sa.Integer(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by_id', sa.Integer(), nullable=True),
    sa.Column('accepted_via', sa.String(), nullable=True),
    sa.CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL AND accepted_by_id IS NOT NULL)", name=op.f('ck_page_accepted')),
    sa.CheckConstraint("state IN ('paging', 'accepted', 'stopped')", name=op.f('ck_page_state')),
    sa.ForeignKeyConstraint(['accepted_by_id'], ['person.id'], name=op.f('fk_page_accepted_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['first_person_id'], ['person.id'], name=op.f('fk_page_first_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_page_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_page'))
    )
    op.create_index('ix_page_due', 'page', ['due_at'], unique=False, postgresql_where="state = 'paging'")
    op.create_index(op.f('ix_page_ticket_id'), 'page', ['ticket_id'], unique=False)
    op.create_index('uq_page_open_code', 'page', ['code'], unique=True, postgresql_where="state = 'paging'")
    op.create_index('uq_page_open_ticket', 'page', ['ticket_id'], unique=True, postgresql_where="state = 'paging'")
    op.create_table('recording',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('provider_sid', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_recording_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_recording_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording')),
    sa.UniqueConstraint('provider_sid', name=op.f('uq_recording_provider_sid'))
    )
    op.create_index(op.f('ix_recording_ticket_id'), 'recording', ['ticket_id'], unique=False)
    op.create_table('room',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('conference_sid', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_room_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room'))
    )
    op.create_index(op.f('ix_room_ticket_id'), 'room', ['ticket_id'], unique=False)
    op.create_table('roster_turn',
    sa.Column('rotation_id', sa.Integer(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_roster_turn_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['rotation_id'], ['roster_rotation.id'], name=op.f('fk_roster_turn_rotation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('rotation_id', 'turn', 'position', name=op.f('pk_roster_turn'))
    )
    op.create_table('ticket_event',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('key', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_ticket_event_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_event_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_event')),
    sa.UniqueConstraint('ticket_id', 'key', name=op.f('uq_ticket_event_ticket_id_key'))
    )
    op.create_table('phone_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sid', sa.String(), nullable=True),
    sa.Column('direction', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('contract_id', sa.Integer(), nullable=True),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('room_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('waiting', sa.Boolean(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('last_answer', sa.String(), nullable=True),
    sa.Column('memo', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.String(), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("direction = 'in' OR ticket_id IS NOT NULL OR purpose = 'hotline'", name=op.f('ck_phone_call_out_has_ticket')),
    sa.CheckConstraint("direction IN ('in', 'out')", name=op.f('ck_phone_call_direction')),
    sa.CheckConstraint("purpose IN ('hotline', 'page', 'connect', 'callback')", name=op.f('ck_phone_call_purpose')),
    sa.CheckConstraint("state IN ('queued', 'sending', 'placed', 'ringing', 'answered', 'ended')", name=op.f('ck_phone_call_state')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_phone_call_contract_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_phone_call_customer_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_phone_call_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_phone_call_room_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_phone_call_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phone_call')),
    sa.UniqueConstraint('sid', name=op.f('uq_phone_call_sid'))
    )
    op.create_index('ix_phone_call_live_staff', 'phone_call', ['person_id'], unique=False, postgresql_where="person_id IS NOT NULL AND state <> 'ended'")
    op.create_index(op.f('ix_phone_call_ticket_id'), 'phone_call', ['ticket_id'], unique=False)
    op.create_index('ix_phone_call_waiting', 'phone_call', ['ticket_id'], unique=False, postgresql_where='waiting')
    op.create_index('uq_phone_call_live_person', 'phone_call', ['person_id'], unique=True, postgresql_where="direction = 'out' AND person_id IS NOT NULL AND state <> 'ended'")
    op.create_table('page_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('page_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.CheckConstraint("outcome IN ('accepted', 'passed', 'no key', 'no answer', 'busy', 'failed', 'cut off')", name=op.f('ck_page_attempt_outcome')),
    sa.CheckConstraint('(outcome IS NULL) = (ended_at IS NULL)', name=op.f('ck_page_attempt_ended')),
    sa.ForeignKeyConstraint(['call_id'], ['phone_call.id'], name=op.f('fk_page_attempt_call_id')),
    sa.ForeignKeyConstraint(['page_id'], ['page.id'], name=op.f('fk_page_attempt_page_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_page_attempt_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_page_attempt')),
    sa.UniqueConstraint('page_id', 'round', 'person_id', name=op.f('uq_page_attempt_page_id_round_person_id'))
    )
    op.create_index(op.f('ix_page_attempt_call_id'), 'page_attempt', ['call_id'], unique=False)
    op.create_index('ix_page_attempt_open_call', 'page_attempt', ['call_id'], unique=False, postgresql_where='outcome IS NULL')
    op.create_table('pin_attempt',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('pool', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['phone_call.id'], name=op.f('fk_pin_attempt_call_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pin_attempt')),
    sa.UniqueConstraint('call_id', 'turn', name=op.f('uq_pin_attempt_call_id_turn'))
    )
    op.create_index('ix_pin_attempt_counted', 'pin_attempt', ['pool', 'at'], unique=False, postgresql_where="outcome <> 'right'")
    op.create_index('ix_pin_attempt_number', 'pin_attempt', ['number', 'at'], unique=False, postgresql_where="outcome <> 'right'")
    op.create_table('refusal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['call_id'], ['phone_call.id'], name=op.f('fk_refusal_call_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_refusal_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refusal')),
    sa.UniqueConstraint('call_id', 'reason', name=op.f('uq_refusal_call_id_reason'))
    )
    op.create_index(op.f('ix_refusal_at'), 'refusal', ['at'], unique=False)
    op.create_table('stay',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('caller', 'technician')", name=op.f('ck_stay_role')),
    sa.ForeignKeyConstraint(['call_id'], ['phone_call.id'], name=op.f('fk_stay_call_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_stay_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_stay_room_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stay')),
    sa.UniqueConstraint('key', name=op.f('uq_stay_key'))
    )
    op.create_index(op.f('ix_stay_call_id'), 'stay', ['call_id'], unique=False)
    op.create_index(op.f('ix_stay_room_id'), 'stay', ['room_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_stay_room_id'), table_name='stay')
    op.drop_index(op.f('ix_stay_call_id'), table_name='stay')
    op.drop_table('stay')
    op.drop_index(op.f('ix_refusal_at'), table_name='refusal')
    op.drop_table('refusal')
    op.drop_index('ix_pin_attempt_number', table_name='pin_attempt', postgresql_where="outcome <> 'right'")
    op.drop_index('ix_pin_attempt_counted', table_name='pin_attempt', postgresql_where="outcome <> 'right'")
    op.drop_table('pin_attempt')
    op.drop_index('ix_page_attempt_open_call', table_name='page_attempt', postgresql_where='outcome IS NULL')
    op.drop_index(op.f('ix_page_attempt_call_id'), table_name='page_attempt')
    op.drop_table('page_attempt')
    op.drop_index('uq_phone_call_live_person', table_name='phone_call', postgresql_where="direction = 'out' AND person_id IS NOT NULL AND state <> 'ended'")
    op.drop_index('ix_phone_call_waiting', table_name='phone_call', postgresql_where='waiting')
    op.drop_index(op.f('ix_phone_call_ticket_id'), table_name='phone_call')
    op.drop_index('ix_phone_call_live_staff', table_name='phone_call', postgresql_where="person_id IS NOT NULL AND state <> 'ended'")
    op.drop_table('phone_call')
    op.drop_table('ticket_event')
    op.drop_table('roster_turn')
    op.drop_index(op.f('ix_room_ticket_id'), table_name='room')
    op.drop_table('room')
    op.drop_index(op.f('ix_recording_ticket_id'), table_name='recording')
    op.drop_table('recording')
    op.drop_index('uq_page_open_ticket', table_name='page', postgresql_where="state = 'paging'")
    op.drop_index('uq_page_open_code', table_name='page', postgresql_where="state = 'paging'")
    op.drop_index(op.f('ix_page_ticket_id'), table_name='page')
    op.drop_index('ix_page_due', table_name='page', postgresql_where="state = 'paging'")
    op.drop_table('page')
    op.drop_index('ix_message_unsent', table_name='message', postgresql_where="state IN ('queued', 'sending')")
    op.drop_index(op.f('ix_message_ticket_id'), table_name='message')
    op.drop_index(op.f('ix_message_recipient'), table_name='message')
    op.drop_table('message')
    op.drop_index(op.f('ix_intervention_ticket_id'), table_name='intervention')
    op.drop_table('intervention')
    op.drop_index('ix_ticket_open', table_name='ticket', postgresql_where="state <> 'closed'")
    op.drop_index(op.f('ix_ticket_customer_id'), table_name='ticket')
    op.drop_table('ticket')
    op.drop_index(op.f('ix_roster_rotation_layer_id'), table_name='roster_rotation')
    op.drop_table('roster_rotation')
    op.drop_index('ix_roster_override_layer_id', table_name='roster_override')
    op.drop_table('roster_override')
    op.drop_table('product')
    op.drop_index('uq_pin_blind_index_in_force', table_name='pin', postgresql_where='revoked_at IS NULL')
    op.drop_index(op.f('ix_pin_contract_id'), table_name='pin')
    op.drop_table('pin')
    op.drop_table('roster_layer')
    op.drop_index(op.f('ix_customer_phone_number'), table_name='customer_phone')
    op.drop_table('customer_phone')
    op.drop_index(op.f('ix_contract_customer_id'), table_name='contract')
    op.drop_table('contract')
    op.drop_index(op.f('ix_alarm_token_customer_id'), table_name='alarm_token')
    op.drop_table('alarm_token')
    op.drop_table('setting')
    op.drop_table('roster')
    op.drop_table('region')
    op.drop_table('person')
    op.drop_table('incoming_text')
    op.drop_table('customer')
    op.drop_table('blocked_number')
    op.execute(sa.schema.DropSequence(sa.Sequence('ticket_number')))
