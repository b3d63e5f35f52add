<?php
namespace Pricelane\PrestaShop;

use Symfony\Component\Form\Extension\Core\Type\TextType;
use Symfony\Component\Validator\Constraints\Length;
use Symfony\Component\Validator\Constraints\Regex;

/** The ERP's code on the customer's form in the back office. */
final class CustomerField
{
    /** @param array $params of actionCustomerFormBuilderModifier; data by reference */
    public static function add(array $params, Texts $texts): void
    {
        $message = $texts->text('customer_code_bad');
        $params['form_builder']->add('pricelane_code', TextType::class, [
            'label' => $texts->text('customer_code'),
            'help' => $texts->text('customer_code_help'),
            'required' => false,
            'constraints' => [
                new Length(['max' => Customers::MAX_LENGTH, 'maxMessage' => $message]),
                new Regex(['pattern' => '/^[^\x00-\x1f\x7f]*$/D', 'message' => $message]),
            ],
        ]);
        $params['data']['pricelane_code'] = empty($params['id']) ? '' : Customers::kept((int) $params['id']);
        $params['form_builder']->setData($params['data']);
    }
}
