"""An empty Tryton database in SQLite with the modules that the connector's tests need."""
import warnings

from trytond.config import config

# Tryton turns warnings on again; all it says is what SQLite cannot alter.
warnings.showwarning = lambda *args, **kwargs: None

MODULES = [
    'product', 'sale', 'sale_price_list', 'product_price_list_dates',
    'product_price_list_parent', 'stock', 'sale_stock_quantity',
    'account_invoice', 'sale_credit_limit', 'account_credit_limit',
    ]


def configure(folder):
    """Before anything else of trytond is imported: its settings are read once."""
    config.set('database', 'uri', 'sqlite://')
    config.set('database', 'path', str(folder))
    config.set('database', 'list', 'False')


def create(folder, name):
    """A quarter of a minute: nearly all of it is Tryton reading its modules' XML."""
    from trytond import backend
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    _sync_never(backend.Database)
    (folder / (name + '.sqlite')).touch()
    database = backend.Database(name)
    database.connect()
    database.init()
    Pool.start()
    pool = Pool(name)
    pool.init(update=['ir', 'res'] + MODULES, lang=['en'], activatedeps=True)
    with Transaction().start(name, 0):
        Wizard = pool.get('ir.module.config_wizard.item')
        Wizard.write(Wizard.search([]), {'state': 'done'})
    return pool


def _sync_never(Database):
    # The file is thrown away when the making of it breaks off, so nothing has to survive a power cut.
    connect = Database.connect

    def connect_without_sync(self):
        fresh = self._conn is None
        result = connect(self)
        if fresh:
            self._conn.execute('PRAGMA synchronous = OFF')
            self._conn.execute('PRAGMA journal_mode = MEMORY')
        return result

    Database.connect = connect_without_sync
