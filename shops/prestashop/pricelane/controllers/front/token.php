<?php
/** A token for <pricelane-price>: by the shop's cookie alone, and kept by nobody. */
class PricelaneTokenModuleFrontController extends ModuleFrontController
{
    public function postProcess()
    {
        header('Content-Type: application/json');
        header('Cache-Control: private, no-store');
        echo json_encode($this->module->browserToken());
        exit;
    }
}
