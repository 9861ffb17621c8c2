import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The built page is committed and travels in the wheel; fixed names keep its changes in place, and a rebuild gives the same bytes.
export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../src/perfuse/views/console/page', emptyOutDir: true, target: 'es2022', modulePreload: false, assetsInlineLimit: 0,
    rollupOptions: { output: { entryFileNames: 'console.js', chunkFileNames: '[name].js', assetFileNames: '[name][extname]' } },
  },
});
