"""Servers, and a thread that changes them after a while, as a real service would."""

import threading
import uuid


class Compute:
    """Boots servers and migrates them between hosts."""

    def __init__(self, hosts, delay=0.2):
        self._hosts = list(hosts)
        self._delay = delay
        self._servers = {}
        self._timers = []

    def boot(self, name, image_uuid):
        server = {
            'id': str(uuid.uuid4()),
            'name': name,
            'image': image_uuid,
            'host': self._hosts[0],
            'status': 'BUILD',
        }
        self._servers[server['id']] = server
        self._later(server, status='ACTIVE')
        return dict(server)

    def get(self, server_id):
        return dict(self._servers[server_id])

    def migrate(self, server_id, host):
        server = self._servers[server_id]
        server['status'] = 'MIGRATING'
        if host in self._hosts:
            self._later(server, status='ACTIVE', host=host)
        else:
            self._later(server, status='ERROR')

    def stop(self):
        for timer in self._timers:
            timer.cancel()

    def _later(self, server, **changes):
        timer = threading.Timer(self._delay, server.update, kwargs=changes)
        self._timers.append(timer)
        timer.start()
