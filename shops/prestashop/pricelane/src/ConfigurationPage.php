<?php
namespace Pricelane\PrestaShop;

/** The module's page in the back office, whose own token PrestaShop has checked before it comes here. */
final class ConfigurationPage
{
    const SWITCHES = ['PRICELANE_GUESTS' => 'guests', 'PRICELANE_ECOTAX_INCLUDED' => 'ecotax', 'PRICELANE_STOCK' => 'stock'];
    const FIELDS = [
        'PRICELANE_URL' => 'url', 'PRICELANE_KID' => 'kid', 'PRICELANE_SECRET' => 'secret', 'PRICELANE_AUDIENCE' => 'audience',
        'PRICELANE_TIMEOUT_MS' => 'timeout', 'PRICELANE_COMPONENT_URL' => 'component', 'PRICELANE_UNGUARDED' => 'unguarded',
    ];

    private $texts;

    public function __construct(Texts $texts)
    {
        $this->texts = $texts;
    }

    public function submit(): array
    {
        $values = [];
        foreach (array_keys(self::FIELDS + self::SWITCHES) as $name) {
            $values[$name] = (string) \Tools::getValue($name, '');
        }

        return Settings::save($values, $this->texts);
    }

    /** @return string|null what is wrong; null where the gateway answers and takes the key */
    public function test(Gateway $gateway)
    {
        try {
            // A customer whom no ERP has: the viewer tells whether the key was taken, whoever he is.
            $data = $gateway->ask('{ viewer { audience } }', [], 'pricelane-connection-test', 'storefront');
            $audience = $data['viewer']['audience'] ?? null;

            return $audience === 'CUSTOMER' ? null : $this->texts->text('test_failed', ['{value}' => (string) $audience]);
        } catch (GatewayError $error) {
            return $this->texts->text('test_failed', ['{value}' => $error->getMessage()]);
        }
    }

    public function form(\Module $module): string
    {
        $helper = new \HelperForm();
        $helper->module = $module;
        $helper->name_controller = $module->name;
        $helper->token = \Tools::getAdminTokenLite('AdminModules');
        $helper->currentIndex = \AdminController::$currentIndex . '&configure=' . $module->name;
        $helper->submit_action = 'submitPricelane';
        $helper->default_form_language = (int) \Configuration::get('PS_LANG_DEFAULT');
        foreach (array_keys(self::FIELDS + self::SWITCHES) as $name) {
            // The secret never leaves the server again.
            $helper->fields_value[$name] = $name === 'PRICELANE_SECRET' ? '' : Settings::get($name);
        }

        return $helper->generateForm([['form' => [
            'legend' => ['title' => $this->texts->text('settings')],
            'input' => array_merge($this->fields(), $this->switches()),
            'submit' => ['title' => $this->texts->text('save')],
        ]]]);
    }

    private function fields(): array
    {
        $inputs = [];
        foreach (self::FIELDS as $name => $key) {
            $help = $key === 'kid' ? '' : $this->texts->text($key . '_help');
            // Not of type password: PrestaShop's own field of it may be filled by the browser with the administrator's.
            $inputs[] = ['type' => 'text', 'name' => $name, 'label' => $this->texts->text($key), 'desc' => htmlspecialchars($help)];
        }

        return $inputs;
    }

    private function switches(): array
    {
        $inputs = [];
        foreach (self::SWITCHES as $name => $key) {
            $inputs[] = ['type' => 'switch', 'name' => $name, 'label' => $this->texts->text($key), 'is_bool' => true, 'values' => [
                ['id' => $name . '_on', 'value' => 1, 'label' => $this->texts->text('yes')],
                ['id' => $name . '_off', 'value' => 0, 'label' => $this->texts->text('no')],
            ]];
        }

        return $inputs;
    }
}
