/** 승인함: how many mails wait for this person's decision, as the rail shows it. Filled late (`approvals/counting.ts`). */
class ApprovalCounts {
  toDecide = $state(0);
  /** There is, or was, mail that they decide about or that waited for others: the place has a line of its own. */
  concerns = $state(false);
}

export const approvalCounts = new ApprovalCounts();
