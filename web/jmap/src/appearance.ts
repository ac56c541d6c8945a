/** How the company of a person, or of a domain before the sign-in, shows itself. */
export interface AppearanceTold {
  name: string;
  colours: string;
  logo: string;
  /** What the sign-in page says to everybody; empty for who is signed in. */
  news: { title: string; body: string; from: string }[];
}

/** Null where nobody answers: the program's own look stays. */
export async function askAppearance(domain = ''): Promise<AppearanceTold | null> {
  try {
    const answer = await fetch(`/appearance${domain ? `?for=${encodeURIComponent(domain)}` : ''}`);
    return answer.ok ? ((await answer.json()) as AppearanceTold) : null;
  } catch {
    return null;
  }
}
