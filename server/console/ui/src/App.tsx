import { useCallback, useEffect, useState } from 'preact/hooks';
import { ask } from './api';
import { Desk } from './Desk';
import { VIEWER } from './queries';
import { onEnd, resume } from './session';
import { SignIn } from './SignIn';
import type { Viewer } from './types';

type State = { at: 'starting' } | { at: 'door'; note?: string } | { at: 'desk'; viewer: Viewer } | { at: 'trouble'; fault: string };

// App shows the door to strangers and the desk to who is signed in.
export function App() {
  const [state, setState] = useState<State>({ at: 'starting' });

  const enter = useCallback(async () => {
    try {
      const { viewer } = await ask<{ viewer: Viewer | null }>(VIEWER);
      setState(viewer ? { at: 'desk', viewer } : { at: 'door' });
    } catch (cause) {
      setState({ at: 'trouble', fault: (cause as Error).message });
    }
  }, []);

  useEffect(() => {
    onEnd(() => setState({ at: 'door', note: 'Your session has ended. Log in again.' }));
    void resume().then((going) => (going ? enter() : setState({ at: 'door' })));
  }, [enter]);

  switch (state.at) {
    case 'starting':
      return <p class="starting" role="status">Opening the console…</p>;
    case 'door':
      return <SignIn note={state.note} done={enter} />;
    case 'trouble':
      return <main class="door"><p class="fault" role="alert">{state.fault}</p><button onClick={enter}>Try again</button></main>;
    case 'desk':
      return <Desk key={state.viewer.merchant?.id} viewer={state.viewer} moved={enter} left={() => setState({ at: 'door' })} />;
  }
}
