import { mount } from 'svelte';
import './console.css';
import App from './App.svelte';
import { chosen, wear } from './lib/settings.svelte';
import { speak } from './lib/words';

wear();
void speak(chosen.language);
mount(App, { target: document.getElementById('app')! });
