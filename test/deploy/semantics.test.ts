/** What no schema knows: that the objects of the chart fit each other, the program, and what a cluster grants. */
import { describeWith, scratchDirectory } from '@otedama/test-harness';
import { checkDrain } from './chart/checks/drain.ts';
import { checkFiles } from './chart/checks/files.ts';
import { checkHardening } from './chart/checks/hardening.ts';
import { checkNetwork } from './chart/checks/network.ts';
import { checkWiring } from './chart/checks/wiring.ts';
import { Chart, helm, valueSets } from './chart/helm.ts';
import { newestKubernetes } from './chart/kubernetes.ts';
import { Manifest, componentOf } from './chart/manifest.ts';
import { Kubelet } from './chart/pods.ts';

describeWith('helm', helm())('the objects of the chart', () => {
  const scratch = scratchDirectory('semantics');
  const manifests = new Map<string, Manifest>();
  beforeAll(() => {
    using chart = new Chart();
    for (const values of valueSets())
      manifests.set(values.name, new Manifest(chart.render({ values, kubeVersion: newestKubernetes() })));
  });
  const kubelet = new Kubelet(scratch.path);
  afterAll(() => scratch.remove());

  const of = (name: string): Manifest => manifests.get(name) ?? new Manifest([]);

  describe.each(valueSets())('with the values "$name"', ({ name }) => {
    it('select what they mean, and name ports that there are', () => {
      expect(checkWiring(of(name))).toEqual([]);
    });

    it('have every file that a configuration names, and no Secret beyond that', () => {
      expect(checkFiles(of(name))).toEqual([]);
    });

    it('run with nothing that they do not need', () => {
      expect(checkHardening(of(name))).toEqual([]);
    });

    it('reach what their configuration makes them reach, and nothing else', () => {
      expect(checkNetwork(of(name))).toEqual([]);
    });

    it('have the time to hand over their work', () => {
      expect(checkDrain(of(name))).toEqual([]);
    });

    it('start with what they are given, and answer their probes', async () => {
      const { workloads } = of(name);
      const services = workloads.filter(({ kind }) => kind !== 'Job');
      for (const workload of services) {
        const { process, port } = await kubelet.start(of(name), workload);
        try {
          const ask = async (probe: string) =>
            (await fetch(`http://127.0.0.1:${port}/health/${probe}`)).status;
          expect({ [componentOf(workload)]: [await ask('live'), await ask('ready')] }).toEqual({
            [componentOf(workload)]: [200, 503],
          });
          await process.stop('SIGTERM');
          expect(await process.exited).toEqual({ code: 0, signal: null });
        } finally {
          await process[Symbol.asyncDispose]();
        }
      }
      expect(services.length).toBeGreaterThan(3);
    }, 120_000);

    it('have Jobs that lack nothing but their servers', async () => {
      for (const job of of(name).jobs) await kubelet.run(of(name), job, /ECONNREFUSED/);
    }, 120_000);
  });
});
