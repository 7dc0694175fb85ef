import type { Attack } from '../attack.ts';

export const cacheBusting: Attack = {
  name: 'cache-busting',
  what: 'asks for the same things under ever new queries, from hundreds of addresses',
  door: 'api',
  origin: 'many',
  attackers: 16,
  async script(scene) {
    const seconds = 60 + Math.floor(Math.random() * 500_000);
    const paths = [
      `/api/stats?window=${seconds}s`,
      `/api/workers?offset=${seconds}&limit=${1 + (seconds % 1_000)}`,
      `/api/status?nocache=${seconds}`,
      `/api/v1/miners/nobody${seconds}/statement`,
    ];
    for (const path of paths) await scene.ask({ path });
  },
};
