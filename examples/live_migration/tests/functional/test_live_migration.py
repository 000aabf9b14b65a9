import os
import time
import unittest

from cloud import compute


class LiveMigrationTest(unittest.TestCase):
    """A server that can't migrate stays where it is and says so."""

    def setUp(self):
        super().setUp()
        self.compute = compute.Compute(hosts=['host1', 'host2'])
        self.addCleanup(self.compute.stop)

    def _boot(self):
        server = self.compute.boot(
            name='web', image_uuid='155d900f-4e14-4e4c-a73d-069cbf4541e6')
        return self._wait_for(server, 'ACTIVE')

    def _wait_for(self, server, status):
        for attempt in range(10):
            server = self.compute.get(server['id'])
            if server['status'] == status:
                return server
            time.sleep(.5)
        self.fail('%s is not %s but %s' % (
            server['name'], status, server['status']))

    def test_migrates_to_another_host(self):
        server = self._boot()
        self.compute.migrate(server['id'], 'host2')
        server = self._wait_for(server, 'ACTIVE')
        self.assertEqual('host2', server['host'])

    def test_stays_if_the_host_is_unknown(self):
        server = self._boot()
        self.compute.migrate(server['id'], 'host3')

        # The API answers before the migration has failed.
        while self.compute.get(server['id'])['status'] == 'MIGRATING':
            time.sleep(0.1)

        server = self.compute.get(server['id'])
        self.assertEqual('ERROR', server['status'])
        self.assertEqual('host1', server['host'])
        self.assertEqual('155d900f-4e14-4e4c-a73d-069cbf4541e6',
                         server['image'])


if __name__ == '__main__':
    unittest.main()
